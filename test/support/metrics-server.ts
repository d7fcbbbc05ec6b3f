/** A relay's MetricsPort in a test's hand: a page whose counters the test knows, served as tor serves it, or badly. */
import { createServer, type Server, type ServerResponse } from 'node:http';

/** By series, as `name{labels}`: what the relay has counted since it began. */
export type RelayCounts = Readonly<Record<string, number>>;

export type Manner = 'whole' | 'truncated' | 'incomplete';

/** The metric that an incomplete page lacks. */
const LEFT_OUT = 'tor_relay_destroy_cell_total';
const GAUGES = '# TYPE tor_relay_flag gauge\ntor_relay_flag{type="Running"} 1\n';

/** The text of a page; each metric's name is told before its series. */
export function pageOf(counts: RelayCounts): string {
  const lines = Object.entries(counts).map(([series, value]) => {
    const name = series.split('{', 1)[0]!;
    return `# HELP ${name} For a test\n# TYPE ${name} counter\n${series} ${value}\n`;
  });
  return `${GAUGES}${lines.join('')}`;
}

export class MetricsServer {
  counts: Record<string, number>;
  manner: Manner = 'whole';
  readonly port: number;
  /** How many pages were asked for in this manner since it was last set to 0. */
  served = 0;
  #server: Server | undefined;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(port: number, counts: RelayCounts) {
    this.port = port;
    this.counts = { ...counts };
  }

  start(): Promise<void> {
    const server = createServer({ keepAlive: false }, (request, response) => {
      if (request.url === '/metrics') this.#serve(response);
      else response.writeHead(404).end();
    });
    this.#server = server;
    return new Promise((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Nobody listens any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Resolves when so many more pages, asked for from now on, have been served in this manner. */
  pages(count: number): Promise<void> {
    this.served = 0;
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** What the relay counts from now on. */
  add(more: RelayCounts): void {
    for (const [series, value] of Object.entries(more))
      this.counts[series] = (this.counts[series] ?? 0) + value;
  }

  #serve(response: ServerResponse): void {
    const text = pageOf(this.counts);
    if (this.manner === 'truncated') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length });
      response.write(text.slice(0, text.length >> 1), () => response.destroy());
    } else {
      const lines = text.split('\n');
      const said = this.manner === 'whole' ? lines : lines.filter((line) => !line.includes(LEFT_OUT));
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(said.join('\n'));
    }
    response.on('close', () => this.#note());
  }

  #note(): void {
    this.served += 1;
    const due = this.#waiting.filter(({ count }) => count <= this.served);
    this.#waiting = this.#waiting.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  }
}
