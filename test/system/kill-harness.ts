/**
 * A round of real processes that are killed at commits of their stores and started again at once (support/kill-at.ts). The
 * harness plays the relays, so that it knows what each collector was sent.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TracedCommit } from '../support/kill-at.js';
import { ProcessNetwork } from '../support/process-network.js';
import { BatchRelay } from './kill-relay.js';

const KILLER = new URL('../support/kill-at.js', import.meta.url);

/** Counted in the life of the process in which it happens. */
export type Kill = { readonly commit: number; readonly when: 'before' | 'after' };

export type KillRoundOptions = {
  /** By node: where each of its lives ends, one after the other. The life after the last one goes on. */
  readonly kills: ReadonlyMap<string, readonly Kill[]>;
  /** Seconds, both. */
  readonly collectPeriod?: number;
  readonly checkpointPeriod?: number;
};

export const NODES = {
  tally: ['tally'],
  keeper: ['keeper-1', 'keeper-2', 'keeper-3'],
  collector: ['collector-1', 'collector-2', 'collector-3'],
} as const;
const ALL_NODES: readonly string[] = Object.values(NODES).flat();

/** Of one collector. */
const BINS = 200;
const BATCH_EVERY_MS = 80;
export const HISTOGRAM = 'ExitStreamByteHistogram';
/** Wide for a machine that is slow and does other things: nothing waits for them where all goes well. */
const PHASE_SECONDS = 60;
const ROUND_MS_MAX = 300_000;
/** After the tally has ended, for what nodes still write. */
const AFTER_MS = 1_500;

/** Wide for a slow machine. */
const QUIET_MS = 3_000;

/** A node from its start to its end. */
export type Life = {
  readonly startedAtMs: number;
  /** Since its start: when it was with the tally; for the tally, when it listened. */
  backAfterMs: number | undefined;
  endedBy: 'kill' | 'exit' | 'harness' | undefined;
  exitCode?: number | undefined;
  readonly traceFile: string;
};

export class KillRound {
  readonly folder = mkdtempSync(join(tmpdir(), 'privcount-kills-'));
  readonly lives = new Map<string, Life[]>(ALL_NODES.map((name) => [name, []]));
  readonly relays = new Map<string, BatchRelay>();
  readonly #kills: Map<string, Kill[]>;
  readonly collectPeriod: number;
  readonly #checkpointPeriod: number;
  #network: ProcessNetwork | undefined;
  #isOver = false;
  #fail!: (error: Error) => void;
  #finish!: () => void;
  /** The tally has ended its round, or a node was at fault. */
  readonly #over: Promise<void>;

  constructor({ kills, collectPeriod = 20, checkpointPeriod = 4 }: KillRoundOptions) {
    this.#kills = new Map([...kills].map(([name, its]) => [name, [...its]]));
    this.collectPeriod = collectPeriod;
    this.#checkpointPeriod = checkpointPeriod;
    this.#over = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#over.catch(() => undefined);
  }

  get network(): ProcessNetwork {
    return this.#network!;
  }

  async start(): Promise<this> {
    mkdirSync(join(this.folder, 'traces'));
    for (const [at, name] of NODES.collector.entries()) {
      const bins = [1 + at * BINS, 1 + (at + 1) * BINS] as const;
      this.relays.set(name, await BatchRelay.listen({ bins, everyMs: BATCH_EVERY_MS }));
    }
    this.#network = await ProcessNetwork.start({
      keepers: NODES.keeper.length,
      threshold: 2,
      eventLogs: [],
      relayPorts: [...this.relays.values()].map(({ port }) => port),
      counters: this.#writeCounters(),
      collectPeriod: this.collectPeriod,
      // A slow machine takes seconds to start the thread that draws; who is late declines.
      noisePeriod: 5,
      minCollectors: 1,
      settlePeriod: 60,
      phaseTimeout: PHASE_SECONDS,
      checkpointPeriod: this.#checkpointPeriod,
      environmentOf: (name) => this.#environmentOf(name),
    });
    for (const name of ALL_NODES) this.#watch(name);
    return this;
  }

  /** Resolves when the tally has ended its round, and the other nodes theirs. */
  async ended(): Promise<this> {
    const timer = setTimeout(() => this.#fail(new Error(`no end: ${this.tail()}`)), ROUND_MS_MAX);
    await this.#over.finally(() => clearTimeout(timer));
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
    this.#isOver = true;
    return this;
  }

  /** The last lines of each node's log. */
  tail(): string {
    return ALL_NODES.map((name) => `${name}: ${this.network.linesOf(name).slice(-4).join(' | ')}`).join('\n');
  }

  /** What a node committed in one of its lives. */
  commitsOf({ traceFile }: Life): TracedCommit[] {
    if (!existsSync(traceFile)) return [];
    const lines = readFileSync(traceFile, 'utf8').trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TracedCommit);
  }

  /** Tells a node to end, after which it is started again. Gives its exit code, when it was told, and how long it took. */
  async terminate(name: string): Promise<{ exitCode: number | undefined; atMs: number; ms: number }> {
    const child = this.network.childOf(name);
    const atMs = performance.now();
    child.process.kill('SIGTERM');
    const exitCode = await child.ended;
    return { exitCode, atMs, ms: performance.now() - atMs };
  }

  /** Resolves when no node has committed anything for a while: nobody waits for anybody. */
  async quiet(): Promise<void> {
    const size = (): number =>
      [...this.lives.values()].flat().reduce((sum, life) => sum + this.commitsOf(life).length, 0);
    for (let before = -1; before !== size();) {
      before = size();
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const relay of this.relays.values()) relay.close();
    await this.#network?.stop();
    if (process.env['PRIVCOUNT_KEEP_NETWORKS'] === undefined)
      rmSync(this.folder, { recursive: true, force: true });
  }

  #writeCounters(): string {
    const path = join(this.folder, 'counters.yaml');
    const bins = Array.from(
      { length: NODES.collector.length * BINS },
      (_, at) => `      - [${1 + at}.0, ${2 + at}.0]`,
    );
    writeFileSync(path, `counters:\n  ${HISTOGRAM}:\n    bins:\n${bins.join('\n')}\n`);
    return path;
  }

  #environmentOf(name: string): NodeJS.ProcessEnv {
    const lives = this.lives.get(name);
    if (lives === undefined) return {};
    const traceFile = join(this.folder, 'traces', `${name}.${lives.length}`);
    const kill = this.#kills.get(name)?.shift();
    lives.push({
      startedAtMs: performance.now(),
      backAfterMs: undefined,
      endedBy: undefined,
      traceFile,
    });
    return {
      NODE_OPTIONS: `--import ${pathToFileURL(KILLER.pathname).href}`,
      PRIVCOUNT_KILL_TRACE: traceFile,
      PRIVCOUNT_KILL_RELAY: String(this.relays.get(name)?.port ?? 0),
      PRIVCOUNT_KILL_AT: kill === undefined ? '' : `${kill.commit}:${kill.when}`,
    };
  }

  #watch(name: string): void {
    const life = this.lives.get(name)!.at(-1)!;
    const back = name === 'tally' ? '; waiting for nodes' : 'connected to the tally server';
    this.network.logged(name, back).then(
      () => (life.backAfterMs = performance.now() - life.startedAtMs),
      () => undefined,
    );
    void this.network.childOf(name).ended.then((exitCode) => this.#onEnd(name, life, exitCode));
  }

  #onEnd(name: string, life: Life, exitCode: number | undefined): void {
    life.exitCode = exitCode;
    if (this.#isOver) {
      life.endedBy = 'harness';
      return;
    }
    life.endedBy = exitCode === undefined ? 'kill' : 'exit';
    const isWhole = name === 'tally' && this.#hasEndedSeries(life);
    if (isWhole) {
      this.#finish();
    } else if (exitCode !== undefined && exitCode !== 0) {
      this.#fail(new Error(`${name} ended with ${exitCode}: ${this.tail()}`));
    } else {
      this.network.restart(name);
      this.#watch(name);
    }
  }

  /** A tally that has written that its rounds are over would begin new ones. */
  #hasEndedSeries(life: Life): boolean {
    return this.commitsOf(life).some(
      ({ killed, removed }) => killed !== 'before' && removed.includes('series'),
    );
  }
}
