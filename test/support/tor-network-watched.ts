/**
 * A relay beside which a collector counts, by its control port and its metrics page, and what the test sees of it. The
 * collector goes through taps, so the test knows what it said and when it has looked; whoever counts for the test goes to
 * the relay itself.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TorControl } from './tor-network-control.js';
import { countsOfEvents, countsOfPage, growth, sumOf, type Counts } from './tor-network-readings.js';
import { TorTap } from './tor-network-tap.js';
import { CONTROL_PASSWORD, HOST } from './tor-network-torrc.js';
import { eventually } from './tor-network-wait.js';
import { type TorName, type TorNetwork } from './tor-network.js';

/** For what takes a collector or a relay seconds; a loaded machine needs more. */
const WAIT_MS_MAX = 60_000;

/** What the relay has counted since it started, and how many lines the test has heard. */
export type Moment = { readonly page: Counts; readonly lines: number };

export class WatchedRelay {
  readonly name: TorName;
  readonly #tor: TorNetwork;
  readonly #control: TorTap;
  readonly #metrics: TorTap;
  #observer: TorControl;

  private constructor(
    tor: TorNetwork,
    name: TorName,
    taps: { control: TorTap; metrics: TorTap },
    observer: TorControl,
  ) {
    this.name = name;
    this.#tor = tor;
    this.#control = taps.control;
    this.#metrics = taps.metrics;
    this.#observer = observer;
  }

  static async watch(tor: TorNetwork, name: TorName): Promise<WatchedRelay> {
    const { control, ports, folder } = tor.node(name);
    const taps = {
      control: await (control.kind === 'unix'
        ? TorTap.open({ path: control.path }, { path: join(folder, 'tapped') })
        : TorTap.open({ host: HOST, port: control.port })),
      metrics: await TorTap.open({ host: HOST, port: ports.metrics }),
    };
    const watched = new WatchedRelay(tor, name, taps, await TorControl.open(tor.node(name)));
    await watched.#observe();
    return watched;
  }

  /** For config.yaml. */
  eventSources(): readonly object[] {
    return [this.controlSource(), { metrics: this.#metrics.port, interval: 1, timeout: 10 }];
  }

  controlSource(): object {
    const { hashedPassword, folder } = this.#tor.node(this.name);
    const at = 'path' in this.#control.at ? { unix: this.#control.at.path } : this.#control.at;
    if (hashedPassword === undefined) return at;
    const file = join(folder, 'password');
    writeFileSync(file, `${CONTROL_PASSWORD}\n`, { mode: 0o600 });
    return { ...at, control_password: file };
  }

  /** Whether a collector is there, and its last word about events asks for some. */
  get isCounted(): boolean {
    const last = this.#control.connections.at(-1);
    if (last?.isOpen !== true) return false;
    return /^SETEVENTS \S/.test(linesOf(last.asked).findLast((line) => line.startsWith('SETEVENTS')) ?? '');
  }

  /** All that collectors have said at the control port. */
  commands(): string[] {
    return this.#control.connections.flatMap(({ asked }) => linesOf(asked));
  }

  /** All events that collectors were told, which is the most that they can have counted. */
  toldEvents(): Counts {
    const events = this.#control.connections.map(({ said }) =>
      linesOf(said)
        .filter((line) => line.startsWith('650 '))
        .map((line) => line.slice('650 '.length)),
    );
    return sumOf(events.map(countsOfEvents));
  }

  async moment(): Promise<Moment> {
    return {
      page: countsOfPage(await this.#tor.metricsPage(this.name)),
      lines: this.#observer.events.length,
    };
  }

  /** Resolves when a collector that counts has surely counted all that was before the call. */
  async hasLooked(): Promise<void> {
    const pages = this.#metrics.connections.length;
    const seconds = this.#secondsHeard();
    await eventually(`two more looks at ${this.name}`, WAIT_MS_MAX, () =>
      // One page may have been on its way, and a line has been heard by both when the next one is.
      this.#metrics.connections.slice(pages).filter(({ isOpen }) => !isOpen).length >= 2 &&
      this.#secondsHeard() >= seconds + 2
        ? true
        : undefined,
    );
  }

  async isBeingCounted(): Promise<void> {
    await eventually(`${this.name} is counted`, WAIT_MS_MAX, () => (this.isCounted ? true : undefined));
    await this.hasLooked();
  }

  /** What was counted from one moment to another, between which the relay was not restarted. */
  between(from: Moment, to: Moment): Counts {
    return new Map([...growth(from.page, to.page), ...this.eventsBetween(from, to)]);
  }

  eventsBetween(from: Moment, to: Moment): Counts {
    return countsOfEvents(this.#observer.events.slice(from.lines, to.lines));
  }

  /** Listens again after the relay was restarted. Moments from before are no longer comparable. */
  async reconnect(): Promise<void> {
    this.#observer.close();
    this.#observer = await TorControl.open(this.#tor.node(this.name));
    await this.#observe();
  }

  async ask(command: string): Promise<string[]> {
    return this.#observer.ask(command);
  }

  async stop(): Promise<void> {
    this.#observer.close();
    await Promise.all([this.#control.close(), this.#metrics.close()]);
  }

  async #observe(): Promise<void> {
    await this.#observer.ask('SETEVENTS ORCONN BW');
  }

  #secondsHeard(): number {
    return this.#observer.events.filter((line) => line.startsWith('BW ')).length;
  }
}

function linesOf(chunks: readonly Buffer[]): string[] {
  return Buffer.concat(chunks).toString('latin1').split('\r\n');
}
