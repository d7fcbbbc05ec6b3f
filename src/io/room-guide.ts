/** Answers what may be asked, once the door has let it in: who must have shown the token, and what is where. */
import { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { type LimitedWarnings } from '../roles/limited-warnings.js';
import { type RoomState } from '../roles/room-state.js';
import { attachment, type Exchange, sendAsset, sendBody, sendFile, sendText } from './room-answers.js';
import { type Assets } from './room-assets.js';
import { type DeskAnswer, type DeskRequest, type RoomDesk } from './room-desk.js';
import { securityHeaders } from './room-headers.js';
import { type RoomLive } from './room-live.js';
import { type Route } from './room-routes.js';
import { type RoomSessions } from './room-sessions.js';

/** `{"token":"..."}` with the longest token. */
const LOGIN_BYTES_MAX = 1_024;
/** Each holds a file open, and a buffer of 64 KB. */
const DOWNLOADS_MAX = 16;

type GuideOptions = {
  readonly assets: Assets;
  readonly resultsFolder: string;
  readonly readState: () => RoomState;
  readonly desk: RoomDesk;
  readonly sessions: RoomSessions;
  readonly live: RoomLive;
  readonly warnings: LimitedWarnings;
};

type OpenRoute = Extract<Route, { readonly kind: 'asset' | 'login' }>;

export class RoomGuide {
  readonly #options: GuideOptions;
  #downloads = 0;

  constructor(options: GuideOptions) {
    this.#options = options;
  }

  /** Never rejects: a fault is logged, and told to who asked. */
  async answer(exchange: Exchange, route: Route): Promise<void> {
    const { response } = exchange;
    try {
      await this.#answer(exchange, route);
    } catch (error) {
      // That the other side has gone away is no fault.
      if (response.destroyed) return;
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#options.warnings.warn(`the tally room could not answer: ${reason}`);
      if (response.headersSent) response.destroy();
      else sendText(exchange, 500, 'something is wrong at the tally: see its log');
    }
  }

  async #answer(exchange: Exchange, route: Route): Promise<void> {
    const { request } = exchange;
    const methods = route.kind === 'login' ? ['POST'] : ['GET', 'HEAD'];
    if (!methods.includes(request.method ?? '')) {
      sendText(exchange, 405, 'not in this way', { allow: methods.join(', '), connection: 'close' });
      return;
    }
    if (route.kind === 'asset' || route.kind === 'login') {
      await this.#answerAnybody(exchange, route);
      return;
    }
    if (!this.#options.sessions.isWelcome(request)) {
      sendText(exchange, 401, 'show the token first');
      return;
    }
    await this.#answerWelcome(exchange, route);
  }

  /** The page itself says nothing; it asks for the token. */
  async #answerAnybody(exchange: Exchange, route: OpenRoute): Promise<void> {
    if (route.kind === 'login') {
      await this.#login(exchange);
      return;
    }
    const asset = this.#options.assets.get(route.path);
    if (asset === undefined) sendText(exchange, 404, 'there is nothing here');
    else sendAsset(exchange, asset);
  }

  async #answerWelcome(exchange: Exchange, route: Exclude<Route, OpenRoute>): Promise<void> {
    const { readState, resultsFolder: folder } = this.#options;
    const json = { 'content-type': 'application/json' };
    switch (route.kind) {
      case 'state':
        await sendBody(exchange, JSON.stringify(readState()), json);
        break;
      case 'live':
        this.#watch(exchange);
        break;
      case 'detail':
        await this.#ask(exchange, { kind: 'detail', folder, file: route.file }, json);
        break;
      case 'csv': {
        const headers = attachment(route.file.replace(/json$/, 'csv'));
        await this.#ask(exchange, { kind: 'csv', folder, file: route.file }, headers);
        break;
      }
      case 'chart': {
        const headers = { ...securityHeaders('chart'), 'content-type': 'image/svg+xml' };
        await this.#ask(exchange, { ...route, folder }, headers);
        break;
      }
      case 'file':
        await this.#download(exchange, route.file);
    }
  }

  #watch(exchange: Exchange): void {
    const { live, sessions } = this.#options;
    const { request, response } = exchange;
    if (live.isFull) {
      sendText(exchange, 503, 'too many pages watch the tally room', { 'retry-after': '10' });
      return;
    }
    response.writeHead(200, {
      ...securityHeaders(),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    if (request.method === 'HEAD') response.end();
    else live.add(response, () => sessions.isWelcome(request));
  }

  async #ask(exchange: Exchange, request: DeskRequest, headers: OutgoingHttpHeaders): Promise<void> {
    const answer: DeskAnswer = await this.#options.desk.ask(request);
    switch (answer.kind) {
      case 'text':
        await sendBody(exchange, answer.text, headers);
        break;
      case 'fault':
        sendText(exchange, 404, `this round can't be shown: ${answer.problem}`);
        break;
      case 'busy':
        sendText(exchange, 503, 'too much is asked at once', { 'retry-after': '5' });
        break;
      case 'failure':
        throw new Error(answer.problem);
    }
  }

  async #download(exchange: Exchange, name: string): Promise<void> {
    if (this.#downloads >= DOWNLOADS_MAX) {
      sendText(exchange, 503, 'too many downloads at once', { 'retry-after': '5' });
      return;
    }
    this.#downloads += 1;
    try {
      await sendFile(exchange, this.#options.resultsFolder, name);
    } finally {
      this.#downloads -= 1;
    }
  }

  async #login(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const token = await readToken(request);
    if (token === undefined) {
      sendText(exchange, 400, 'a token is asked for, as {"token": "..."}', { connection: 'close' });
      return;
    }
    const answer = this.#options.sessions.login(token, request.socket.remoteAddress ?? '');
    switch (answer.kind) {
      case 'welcome':
        response.writeHead(204, {
          ...securityHeaders(),
          'set-cookie': answer.cookie,
          'cache-control': 'no-store',
        });
        response.end();
        break;
      case 'wrong':
        this.#options.warnings.warn('the tally room: somebody has shown a wrong token');
        sendText(exchange, 401, 'this is not the token');
        break;
      case 'too many':
        sendText(exchange, 429, 'too many wrong tokens: wait a minute', {
          'retry-after': String(Math.ceil(answer.retryMs / 1000)),
        });
    }
  }
}

/** Only JSON, which a form of another site can't send. */
async function readToken(request: IncomingMessage): Promise<string | undefined> {
  if (request.headers['content-type'] !== 'application/json') return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LOGIN_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof json !== 'object' || json === null || !('token' in json)) return undefined;
    return typeof json.token === 'string' ? json.token : undefined;
  } catch {
    return undefined;
  }
}
