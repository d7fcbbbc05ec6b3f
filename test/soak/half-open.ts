/**
 * Thousands of strangers at the tally's port who do not say who they are, while honest nodes ask the tally something again and
 * again: how long do the answers take? Tally, strangers and nodes are processes of their own.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dialer } from '../../src/io/dialer.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { makeHello } from '../../src/protocol/handshake.js';
import { type Message } from '../../src/protocol/messages.js';
import { testIdentity } from '../support/test-network.js';
import { HOST, makePlace, until, type Place } from '../system/hostile-world.js';
import { type Figures, figuresOf } from './figures.js';

export type HalfOpenOptions = {
  readonly strangers: number;
  /** How long answers are measured once so many strangers are there. */
  readonly measureMs: number;
  readonly rampMsMax: number;
};

export type HalfOpenResult = {
  /** Without strangers, and with them. */
  readonly alone: Figures;
  readonly crowded: Figures;
  /** Strangers' open connections while it was measured. */
  readonly open: { readonly least: number; readonly most: number };
  /** Connections that strangers made in all: each is cut off after ten seconds, and comes again. */
  readonly made: number;
  /** Bytes of the tally's process, without strangers and with them. */
  readonly memory: { readonly alone: number; readonly crowded: number };
};

/** What is said between this process and its children. */
export type HalfOpenCall =
  | { readonly kind: 'tally'; readonly place: Place }
  | { readonly kind: 'strangers'; readonly port: number; readonly count: number; readonly first: number }
  | { readonly kind: 'report' };
export type HalfOpenReport = { readonly memory: number; readonly open: number; readonly made: number };

const CHILD = fileURLToPath(new URL('./half-open-child.js', import.meta.url));
const NODES = ['keeper-1', 'collector-1', 'collector-2'];
const ASK_EVERY_MS = 25;
const DIAL_AGAIN_MS = 100;
const ALONE_MS = 3_000;
const REPORT_EVERY_MS = 500;

export async function soakHalfOpen({
  strangers,
  measureMs,
  rampMsMax,
}: HalfOpenOptions): Promise<HalfOpenResult> {
  const place = await makePlace();
  const children: ChildProcess[] = [];
  const begin = async (call: HalfOpenCall): Promise<ChildProcess> => {
    const child = fork(CHILD);
    children.push(child);
    child.send(call);
    await reportOf(child);
    return child;
  };
  try {
    const tally = await begin({ kind: 'tally', place });
    const nodes = await Promise.all(NODES.map((name) => HonestNode.connect(name, place)));
    const alone = await measured(nodes, ALONE_MS, () => Promise.resolve());
    const memoryAlone = (await reportOf(tally)).memory;

    const half = Math.ceil(strangers / 2);
    const { port } = place;
    const crowds = await Promise.all(
      [0, half].map((first) => begin({ kind: 'strangers', port, count: half, first })),
    );
    const crowd = async (): Promise<{ open: number; made: number }> => {
      const reports = await Promise.all(crowds.map(reportOf));
      const sum = (key: 'open' | 'made') => reports.reduce((total, report) => total + report[key], 0);
      return { open: sum('open'), made: sum('made') };
    };
    let now = await crowd();
    const startMs = performance.now();
    while (now.open < strangers && performance.now() - startMs < rampMsMax) {
      await sleep(REPORT_EVERY_MS);
      now = await crowd();
    }
    let [least, most] = [now.open, now.open];
    let memoryCrowded = 0;
    const crowded = await measured(nodes, measureMs, async () => {
      now = await crowd();
      least = Math.min(least, now.open);
      most = Math.max(most, now.open);
      memoryCrowded = Math.max(memoryCrowded, (await reportOf(tally)).memory);
    });
    const memory = { alone: memoryAlone, crowded: memoryCrowded };
    return { alone, crowded, open: { least, most }, made: now.made, memory };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the child says of itself now; the first answer to any call says that it has begun. */
function reportOf(child: ChildProcess): Promise<HalfOpenReport> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('a process of the soak has ended'));
    child.once('exit', fail);
    child.once('message', (report) => {
      child.off('exit', fail);
      resolve(report as HalfOpenReport);
    });
    child.send({ kind: 'report' } satisfies HalfOpenCall);
  });
}

/** The times of answers to all nodes over so long; `look` is called now and then meanwhile. */
async function measured(
  nodes: readonly HonestNode[],
  forMs: number,
  look: () => Promise<void>,
): Promise<Figures> {
  for (const node of nodes) node.begin();
  const startMs = performance.now();
  while (performance.now() - startMs < forMs) {
    await sleep(Math.min(REPORT_EVERY_MS, forMs));
    await look();
  }
  return figuresOf((await Promise.all(nodes.map((node) => node.end()))).flat());
}

/** Asks for a list that the tally does not have, one question at a time, and keeps how long each answer took. */
class HonestNode {
  readonly #send: (message: Message) => void;
  #times: number[] = [];
  #askedAtMs: number | undefined;
  #isAsking = false;
  lost: string | undefined;

  private constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  static async connect(name: string, { known, port, tls }: Place): Promise<HonestNode> {
    let node: HonestNode | undefined;
    let isGreeted = false;
    const identity = testIdentity(name);
    const dial = (): void =>
      dialer.dial(
        { host: HOST, port, tlsPin: tls.pin },
        {
          onOpen: (channel) => {
            channel.welcome();
            node = new HonestNode((message) => channel.send(encodeMessage(message)));
            channel.send(
              encodeMessage(makeHello('node', { name, networkId: known.id, identity }, channel.exporter)),
            );
          },
          onFrame: (frame) => {
            const decoded = decodeMessage(frame);
            if ('message' in decoded && decoded.message.kind === 'piece') node!.#answered();
            else isGreeted = true;
          },
          onClose: (reason) => {
            // The tally's process may not listen yet.
            if (isGreeted) node!.lost = reason;
            else setTimeout(dial, DIAL_AGAIN_MS);
          },
        },
      );
    dial();
    await until(() => isGreeted, `${name} is connected`);
    return node!;
  }

  begin(): void {
    this.#times = [];
    this.#isAsking = true;
    this.#ask();
  }

  /** The last answer is waited for. Throws if the connection was lost. */
  async end(): Promise<number[]> {
    this.#isAsking = false;
    await until(() => this.#askedAtMs === undefined || this.lost !== undefined, 'the last answer', 60_000);
    if (this.lost !== undefined) throw new Error(`an honest node was lost: ${this.lost}`);
    return this.#times;
  }

  #ask(): void {
    if (!this.#isAsking || this.lost !== undefined) return;
    this.#askedAtMs = performance.now();
    this.#send({ kind: 'want', digest: 'ef'.repeat(32), offset: 0, parts: [] });
  }

  #answered(): void {
    this.#times.push(performance.now() - this.#askedAtMs!);
    this.#askedAtMs = undefined;
    setTimeout(() => this.#ask(), ASK_EVERY_MS);
  }
}
