/**
 * One GET of a relay's metrics page (roles/ports.ts, MetricsPages), by a connection of its own that ends with it. It goes to
 * the address itself, whatever proxies the environment names, and follows no redirect: the page is the relay's or nobody's.
 */
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { type MetricsAnswer, type MetricsFailure, type MetricsPages } from '../roles/ports.js';

const PATH = '/metrics';
const OK = 200;
/** A server that says nothing of the type is taken at its page, as are the names that Prometheus and OpenMetrics have. */
const TEXT_TYPE = /^(?:text\/plain|application\/openmetrics-text)\b/i;
/** Tor's reply has three lines of headers. */
const HEADER_BYTES_MAX = 16 * 1024;
/**
 * The longest page comes in 3000 packets. Each piece has its price whatever it holds: a page in chunks of one byte takes
 * 1.7 GB and ten seconds of a core.
 */
const PIECES_MAX = 1 << 14;

export const metricsPages: MetricsPages = {
  fetch({ address: { host, port }, timeoutMs, bytesMax }, onAnswer) {
    let isOver = false;
    const end = (answer?: MetricsAnswer): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      request.destroy();
      if (answer !== undefined) onAnswer(answer);
    };
    const fail = (code: MetricsFailure['code'], detail?: string): void =>
      end({ kind: 'failure', code, ...(detail === undefined ? {} : { detail }) });
    const request = get({
      host,
      port,
      path: PATH,
      agent: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      headers: { accept: 'text/plain', 'accept-encoding': 'identity' },
    });
    // From the first moment to the last byte: a page that drips in is as late as one that does not come.
    const timer = setTimeout(() => fail('timeout'), timeoutMs);
    failOnError(request, fail);
    // Tor has none, and there could be any number of them before the page.
    request.on('information', ({ statusCode }) => fail('status', String(statusCode)));
    request.on('response', (response) => readPage(response, bytesMax, { end, fail }));
    return () => end();
  },
};

type Ends = {
  readonly end: (answer: MetricsAnswer) => void;
  readonly fail: (code: MetricsFailure['code'], detail?: string) => void;
};

function failOnError(request: ClientRequest, fail: Ends['fail']): void {
  request.on('error', (error: NodeJS.ErrnoException) => {
    const { code = 'unknown' } = error;
    if (code === 'ECONNREFUSED') fail('refused');
    // What is no HTTP has codes of the parser's.
    else if (code.startsWith('HPE_')) fail('no-text');
    else if (code === 'ECONNRESET' || code === 'EPIPE') fail('lost', code);
    else fail('unreachable', code);
  });
}

function readPage(response: IncomingMessage, bytesMax: number, { end, fail }: Ends): void {
  const { statusCode = 0, headers } = response;
  const type = headers['content-type'];
  if (statusCode !== OK) {
    fail('status', String(statusCode));
    return;
  }
  if (type !== undefined && !TEXT_TYPE.test(type)) {
    fail('no-text');
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > bytesMax || chunks.length === PIECES_MAX) fail('too-long');
    else chunks.push(chunk);
  });
  response.on('error', () => fail('truncated'));
  response.on('close', () => {
    if (!response.complete) fail('truncated');
    else end({ kind: 'page', bytes: Buffer.concat(chunks) });
  });
}
