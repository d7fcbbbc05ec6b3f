/**
 * What disks and wire give away of a round whose events the test knows: images of a collector's files, pair by pair, and a
 * keeper's keys and files once the round is over. The stores are real ones; the roles' writes are made in them as well.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import { fromHex } from '../../src/core/hex.js';
import { addMasks, type SetSeed } from '../../src/core/masks.js';
import { fromBytes, newVector, subtractVector, toSigned } from '../../src/core/ring.js';
import { testIdentitySeed } from '../../src/crypto/identity.js';
import { nodePrimitives } from '../../src/crypto/primitives.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { stateKey } from '../../src/crypto/state-key.js';
import { STATE_SALT_BYTES } from '../../src/crypto/state-values.js';
import { openStore } from '../../src/io/sqlite-store.js';
import { openDeposit } from '../../src/protocol/deposit.js';
import { type Message, type MessageOf } from '../../src/protocol/messages.js';
import { maskContext, readPlan, toRoundFacts, type RoundFacts } from '../../src/protocol/round.js';
import { readStatement, statementDigest } from '../../src/protocol/statements.js';
import { readJournals } from '../../src/roles/round-journal.js';
import { type Change, type Entry } from '../../src/roles/store-port.js';
import { STREAM_ENDED } from '../roles/role-fakes.js';
import { RoleWorld } from '../roles/role-world.js';
import { MemoryStore } from '../support/memory-store.js';
import { testIdentity, testNetwork, testSelf } from '../support/test-network.js';

const COLLECTOR = 'collector-1';
const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const FILES = ['state.db', 'state.db-wal'];
/** Checkpoints are 25 s apart. */
const COLLECT_MS = 160_000;
const KILL_AT_MS = 60_000;
const AWAY_MS = 2_000;
const TELL_EVERY_MS = 500;
/** The zeros of io/store-rows.ts, behind which a value begins with its salt. */
const VALUE_FROM = 1024;
/** What is masked is that large or larger in every cell, but with a probability of 2^-60. */
const MASKED_MIN = 1n << 67n;

/** A node's folder, and copies of it. */
class Disk {
  readonly #name: string;
  readonly #folder: string;
  readonly #store;
  #copies = 0;

  constructor(folder: string, name: string) {
    this.#name = name;
    this.#folder = join(folder, name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#store = this.#open(this.#folder);
  }

  write(changes: readonly Change[]): void {
    this.#store.write(changes);
  }

  /** The folder as it is now, as somebody finds it who takes the disk out. */
  copy(): string {
    const copy = `${this.#folder}.${(this.#copies += 1)}`;
    mkdirSync(copy, { mode: 0o700 });
    for (const file of FILES) {
      if (existsSync(join(this.#folder, file))) copyFileSync(join(this.#folder, file), join(copy, file));
    }
    return copy;
  }

  /** What the node's own key makes of a copy. */
  entriesOf(copy: string): readonly Entry[] {
    const store = this.#open(copy);
    try {
      return store.list('');
    } finally {
      store.close();
    }
  }

  close(): void {
    this.#store.close();
  }

  #open(folder: string) {
    return openStore(join(folder, 'state.db'), { key: stateKey(testIdentity(this.#name)) });
  }
}

/** Cells that somebody may have: from a disk or from the wire. */
type Cells = {
  readonly cells: Uint8Array;
  readonly generations: readonly number[];
  readonly counted: number;
};

/** A round with noise in which one collector is killed once, and all that leaves it or lies on disks. */
class WatchedRound {
  readonly world = new RoleWorld({ known: testNetwork(), settings: { collectMs: COLLECT_MS } });
  readonly disks = new Map<string, Disk>();
  readonly wire: { readonly message: Message; readonly node: string; readonly from: 'node' | 'tally' }[] = [];
  readonly images: Cells[] = [];
  /** A copy of each keeper's folder while collectors count. */
  readonly keepersBefore = new Map<string, string>();
  #counted = 0;
  #inImage = 0;

  constructor(folder: string) {
    for (const name of [COLLECTOR, ...KEEPERS]) {
      const disk = new Disk(folder, name);
      this.disks.set(name, disk);
      this.world.hooks.set(name, { afterWrite: (_count, changes) => this.#mirror(disk, changes) });
    }
    for (const name of KEEPERS) this.world.addKeeper(name);
    this.world.addCollector(COLLECTOR);
    this.world.loopback.filter = (message, way) => {
      this.wire.push({ message, ...way });
      return true;
    };
  }

  async run(): Promise<void> {
    await this.world.start();
    await this.world.phase('collecting');
    for (let passedMs = 0; this.world.summary === undefined; passedMs += TELL_EVERY_MS) {
      await this.world.pass(TELL_EVERY_MS, TELL_EVERY_MS);
      this.#tell();
      if (passedMs === KILL_AT_MS) await this.#kill();
    }
    await this.world.pass(1_000);
  }

  get facts(): RoundFacts {
    const { message } = this.wire.find(({ message: { kind } }) => kind === 'plan')!;
    const plan = message as MessageOf<'plan'>;
    return toRoundFacts(
      readPlan(testSelf(this.world.known, COLLECTOR), plan)!,
      statementDigest(plan.parts[0]!),
      this.world.known,
    );
  }

  /** The report as it went over the wire. */
  get report(): Cells {
    const { message } = this.wire.find(
      ({ message: { kind }, node }) => kind === 'report' && node === COLLECTOR,
    )!;
    const [signed, cells] = (message as MessageOf<'report'>).parts;
    const speaker = { publicKey: testIdentity(COLLECTOR).publicKey, networkId: this.world.known.id };
    const { generations } = readStatement('report', signed!, speaker)!;
    return { cells: cells!, generations, counted: this.#counted };
  }

  /** The deposits that a keeper was sent, of all collectors or of one. */
  depositsTo(keeper: string, collector?: string): MessageOf<'deposit'>[] {
    return this.wire.flatMap(({ message, node, from }) =>
      message.kind === 'deposit' &&
      node === keeper &&
      from === 'tally' &&
      (collector ?? message.collector) === message.collector
        ? [message]
        : [],
    );
  }

  close(): void {
    for (const disk of this.disks.values()) disk.close();
  }

  #mirror(disk: Disk, changes: readonly Change[]): void {
    disk.write(changes);
    if (!changes.some(({ key, value }) => key === 'round/image' && value !== undefined)) return;
    this.#inImage = this.#counted;
    const entries = new Map(disk.entriesOf(disk.copy()).map(({ key, value }) => [key, value]));
    const state = JSON.parse(new TextDecoder().decode(entries.get('round/state'))) as {
      image: { generations: number[] };
    };
    const { generations } = state.image;
    this.images.push({ cells: entries.get('round/image')!, generations, counted: this.#counted });
    for (const keeper of KEEPERS) this.keepersBefore.set(keeper, this.disks.get(keeper)!.copy());
  }

  #tell(): void {
    for (const [name, { source }] of this.world.collectors) {
      if (source.request === undefined) continue;
      source.tell(STREAM_ENDED);
      if (name === COLLECTOR) this.#counted += 1;
    }
  }

  async #kill(): Promise<void> {
    this.world.kill(COLLECTOR);
    this.#counted = this.#inImage;
    await this.world.pass(AWAY_MS);
    await this.world.restart(COLLECTOR);
  }
}

/** What was counted between two images, cell by cell: a stream, and its bytes in the second bin. */
function incrementsBetween(earlier: Cells, later: Cells): bigint[] {
  const streams = BigInt(later.counted - earlier.counted);
  return [streams, 0n, streams, 0n, 0n, 0n];
}

/** All seeds of one deposit, from the boxes of all keepers. */
function seedsOf(round: WatchedRound, generation: number, keyOf: (keeper: string) => Uint8Array): SetSeed[] {
  const bySet = new Map<number, SetSeed>();
  for (const [index, keeper] of KEEPERS.entries()) {
    for (const message of round.depositsTo(keeper, COLLECTOR)) {
      const opened = open(round, message, { keeper, index, secretKey: keyOf(keeper) });
      if (opened?.deposit.generation !== generation) continue;
      for (const seed of opened.seeds) bySet.set(seed.set, seed);
    }
  }
  return [...bySet.values()];
}

function open(
  round: WatchedRound,
  message: MessageOf<'deposit'>,
  { keeper, index, secretKey }: { keeper: string; index: number; secretKey: Uint8Array },
) {
  const keys = { secretKey, publicKey: x25519PublicKey(secretKey) };
  const opened = openDeposit(testSelf(round.world.known, keeper), round.facts, {
    message,
    keeper: index,
    keys,
  });
  return 'fault' in opened ? undefined : opened;
}

/** The keeper's key of the round, from a copy of its folder; undefined if it is not there. */
function roundKeyIn(entries: readonly Entry[]): Uint8Array | undefined {
  const store = new MemoryStore(new Map(entries.map(({ key, value }) => [key, value])));
  const [begin] = [...readJournals(store).values()][0] ?? [];
  return begin && fromHex((begin.note as { secretKey: string }).secretKey);
}

/** Every 32 bytes of these values that could be a key, as bytes or as hexadecimal digits. */
function keysIn(values: readonly Uint8Array[]): Uint8Array[] {
  return values.flatMap((value) => {
    const windows = Array.from({ length: Math.max(0, value.length - 31) }, (_, at) =>
      value.subarray(at, at + 32),
    );
    const digits = Buffer.from(value).toString('latin1');
    const texts = [...digits.matchAll(/(?=([0-9a-f]{64}))/g)].map(([, text]) => fromHex(text!));
    return [...windows, ...texts];
  });
}

/** The values of a copy as they lie on the disk, encrypted. */
function ciphertextsIn(copy: string): Map<string, Uint8Array> {
  const database = new DatabaseSync(join(copy, 'state.db'));
  try {
    const rows = database.prepare('SELECT key, value FROM entries').all() as {
      key: string;
      value: Uint8Array;
    }[];
    return new Map(rows.map(({ key, value }) => [key, value]));
  } finally {
    database.close();
  }
}

function filesIn(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

describe('the disks and the wire of a round whose events are known', function () {
  this.timeout(300_000);
  let round: WatchedRound;
  const folder = mkdtempSync(join(tmpdir(), 'privcount-test-'));

  before(async () => {
    round = new WatchedRound(folder);
    await round.run();
  });

  after(() => {
    round.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('have images of both lives of a collector, and its report', () => {
    const all = [...round.images, round.report];
    expect(round.images.length).to.be.at.least(5);
    expect(new Set(all.map(({ counted }) => counted)).size).to.equal(all.length);
  });

  it('give the increments between no two of them', () => {
    const all = [...round.images, round.report];
    for (const [at, earlier] of all.entries()) {
      for (const later of all.slice(at + 1)) {
        const difference = fromBytes(later.cells);
        subtractVector(difference, fromBytes(earlier.cells));
        for (const cell of toSigned(difference)) {
          expect(cell < 0n ? -cell : cell, 'a difference').to.satisfy((size: bigint) => size > MASKED_MIN);
        }
      }
    }
  });

  it('give them to whoever has the keys of t keepers of the time, so that this test looks at the right cells', () => {
    const keys = new Map(
      KEEPERS.map((name) => {
        const entries = round.disks.get(name)!.entriesOf(round.keepersBefore.get(name)!);
        return [name, roundKeyIn(entries)!];
      }),
    );
    const all = [...round.images, round.report];
    for (const [at, later] of all.slice(1).entries()) {
      const earlier = all[at]!;
      const difference = fromBytes(later.cells);
      subtractVector(difference, fromBytes(earlier.cells));
      for (const generation of later.generations.filter((one) => !earlier.generations.includes(one))) {
        const masks = newVector(round.facts.layout.cells);
        const context = maskContext(round.facts, COLLECTOR, generation);
        const seeds = seedsOf(round, generation, (name) => keys.get(name)!);
        expect(seeds).to.have.lengthOf(round.facts.holders.sets.length);
        addMasks(nodePrimitives, masks, { seeds, context });
        subtractVector(difference, masks);
      }
      expect(toSigned(difference)).to.deep.equal(incrementsBetween(earlier, later));
    }
  });

  // A scalar multiplication for each candidate: of one keeper, since all are the same program.
  for (const [index, name] of [...KEEPERS.entries()].slice(0, 1)) {
    it(`open nothing of the ended round with all keys that ${name} has left`, () => {
      const disk = round.disks.get(name)!;
      const entries = disk.entriesOf(disk.copy());
      expect(roundKeyIn(entries)).to.equal(undefined);
      const seed = testIdentitySeed({ network: 'test', node: name });
      const converted = createHash('sha512').update(seed).digest().subarray(0, 32);
      const own = [seed, new Uint8Array(converted), stateKey(testIdentity(name))];
      const candidates = [...own, ...keysIn(entries.map(({ value }) => value))];
      const deposits = round.depositsTo(name);
      expect(deposits.length).to.be.greaterThan(round.images.length);
      const right = roundKeyIn(disk.entriesOf(round.keepersBefore.get(name)!))!;
      expect(open(round, deposits[0]!, { keeper: name, index, secretKey: right })).to.not.equal(undefined);
      for (const secretKey of candidates) {
        expect(open(round, deposits[0]!, { keeper: name, index, secretKey })).to.equal(undefined);
      }
      for (const secretKey of own) {
        for (const deposit of deposits)
          expect(open(round, deposit, { keeper: name, index, secretKey })).to.equal(undefined);
      }
    });
  }

  for (const name of KEEPERS) {
    it(`have nothing left of the round's journal in the files of ${name}`, () => {
      const journal = [...ciphertextsIn(round.keepersBefore.get(name)!)].filter(([key]) =>
        key.startsWith('journal/'),
      );
      expect(journal.length).to.be.greaterThan(round.images.length);
      const left = filesIn(round.disks.get(name)!.copy());
      const before = filesIn(round.keepersBefore.get(name)!);
      for (const [, value] of journal) {
        const piece = Buffer.from(value.subarray(VALUE_FROM, VALUE_FROM + STATE_SALT_BYTES));
        expect(before.includes(piece)).to.equal(true);
        expect(left.includes(piece)).to.equal(false);
      }
    });
  }
});
