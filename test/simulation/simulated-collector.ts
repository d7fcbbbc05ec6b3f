/**
 * A collector of the simulation: the machine in a shell that does what src/roles/collector.ts does, and a disk that outlives
 * it. What only the test may know, noise and counts, goes with the cells wherever they go.
 */
import { COLLECTOR_COUNT } from '../../src/core/counters.js';
import { fromSigned, incrementCell, toBytes, type RingVector } from '../../src/core/ring.js';
import { addReserve } from '../../src/protocol/collector-checkpoint.js';
import { beginCollectorRound, resumeCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import {
  collectorWakeMs,
  type CollectorEffect,
  type CollectorImage,
  type CollectorInput,
  type CollectorRecord,
  type CollectorRound,
  type CollectorStep,
} from '../../src/protocol/collector-state.js';
import { depositEntropyBytes } from '../../src/protocol/deposit.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { decline, type RoundFacts } from '../../src/protocol/round.js';
import { SimulatedAlarm, type SpeakingPorts } from './simulated-node.js';

/** What is in blinded cells: noise and the check counter's 1, and events. */
export type CollectorTruth = { readonly noise: readonly bigint[]; readonly counts: readonly bigint[] };

/** Blinded cells that left the memory, to the disk or in a report. */
export type Image = {
  readonly generations: readonly number[];
  readonly cells: Uint8Array;
  readonly truth: CollectorTruth;
};

type Disk = { readonly record: CollectorRecord; readonly truth: CollectorTruth | undefined };

const EVENTS_MAX = 20;

export class SimulatedCollector {
  /** All images that ever left the memory. */
  readonly images: Image[] = [];
  /** Everything that it sent, as it left. */
  readonly sent: RoundMessage[] = [];
  /** What is in its report. */
  reported: CollectorTruth | undefined;
  readonly #ports: SpeakingPorts;
  readonly #facts: Pick<RoundFacts, 'holders'>;
  /** Undefined: it is given no randomness for a reserve, and makes no checkpoints. */
  readonly #checkpointMs: number | undefined;
  readonly #drawMsMax: number;
  #disk: Disk | undefined;
  #hasSeen = false;
  #state: CollectorRound | undefined;
  #alarm: SimulatedAlarm | undefined;
  #vector: RingVector | undefined;
  #truth: CollectorTruth | undefined;
  /** The image on the disk, as the machine has it. */
  #image: CollectorImage | undefined;
  #countingSinceMs = 0;

  constructor(
    ports: SpeakingPorts,
    given: {
      facts: Pick<RoundFacts, 'holders'>;
      checkpointMs: number | undefined;
      /** More than the plan gives: it may be late. */
      drawMsMax: number;
    },
  ) {
    this.#ports = ports;
    this.#facts = given.facts;
    this.#checkpointMs = given.checkpointMs;
    this.#drawMsMax = given.drawMsMax;
  }

  get phase(): string {
    return this.#state?.phase ?? 'ended';
  }

  /** What is left is on the disk. */
  die(): void {
    this.#state = undefined;
    this.#vector = undefined;
    this.#truth = undefined;
  }

  /** It is told to end: it writes down what it has. */
  suspend(): void {
    if (this.#state !== undefined) this.#step({ kind: 'suspend' });
  }

  boot(): void {
    this.#alarm = new SimulatedAlarm(this.#ports, () => this.#step({ kind: 'wake' }));
    if (this.#disk === undefined) return;
    const { record, truth } = this.#disk;
    const mine = copyOf(record);
    this.#truth = truth;
    this.#image = mine.image;
    this.#settle(resumeCollectorRound(this.#ports.self, mine, this.#given()));
  }

  receive(message: RoundMessage): void {
    if (this.#state !== undefined) this.#step({ kind: 'message', message });
    else if (message.kind === 'plan') this.#begin(message);
    else if (message.kind !== 'end') {
      this.#ports.send(decline(message.roundId, 'out-of-order', 'takes no part').message);
    }
  }

  #begin(message: Extract<RoundMessage, { kind: 'plan' }>): void {
    if (this.#hasSeen) {
      this.#ports.send(decline(message.roundId, 'round-seen', 'seen before').message);
      return;
    }
    const given = { ...this.#given(), sigmaFloor: undefined };
    const begun = beginCollectorRound(this.#ports.self, message, given);
    this.#hasSeen = begun.state.phase !== 'ended';
    this.#ports.mayDie();
    this.#settle(begun);
  }

  #given() {
    const checkpointMs = this.#checkpointMs ?? Infinity;
    return { entropy: this.#entropy(), checkpointMs, nowMs: this.#ports.nowMs() };
  }

  #entropy(): Uint8Array {
    return this.#ports.random.bytes(depositEntropyBytes(this.#facts));
  }

  #step(input: CollectorInput): void {
    if (this.#state === undefined) return;
    this.#settle(stepCollector(this.#ports.self, this.#state, input, this.#ports.nowMs()));
  }

  #settle({ state, effects }: CollectorStep): void {
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    // An effect may have led to the next step already.
    if (this.#state !== state) return;
    this.#alarm!.set(collectorWakeMs(state));
    if (state.phase === 'ended') this.#forget();
  }

  #forget(): void {
    this.#disk = undefined;
    this.#vector = undefined;
    this.#state = undefined;
  }

  #perform(effect: CollectorEffect): void {
    switch (effect.kind) {
      case 'send':
        // A copy: what leaves is wiped here later.
        this.sent.push(structuredClone(effect.message));
        this.#ports.send(effect.message);
        break;
      case 'wipe':
        for (const secret of effect.secrets) secret.fill(0);
        break;
      case 'draw':
        this.#draw(effect.sigmas);
        break;
      case 'draw-entropy':
        if (this.#checkpointMs !== undefined) this.#step({ kind: 'entropy-drawn', entropy: this.#entropy() });
        break;
      case 'count':
        this.#count(effect.vector, effect.facts);
        break;
      case 'take-image': {
        const countedMs = this.#ports.nowMs() - this.#countingSinceMs;
        this.#step({ kind: 'image-taken', cells: toBytes(this.#vector!), countedMs });
        break;
      }
      case 'add-masks':
        addReserve(this.#ports.self, this.#vector!, effect);
        break;
      case 'stop-counting':
        this.#stopCounting();
        break;
      case 'persist':
        this.#persist(effect.record);
        this.#ports.mayDie();
        break;
      case 'log':
        break;
    }
  }

  #draw(sigmas: Float64Array): void {
    const { random } = this.#ports;
    const noise = [...sigmas].map((sigma) => (sigma === 0 ? 0n : BigInt(random.below(201) - 100)));
    this.#truth = { noise, counts: noise.map(() => 0n) };
    this.#ports.after(random.below(this.#drawMsMax), () =>
      this.#step({ kind: 'noise-drawn', noise: fromSigned(noise) }),
    );
  }

  /** A few events, spread over the time. */
  #count(vector: RingVector, { plan, layout }: RoundFacts): void {
    const { random } = this.#ports;
    this.#vector = vector;
    this.#countingSinceMs = this.#ports.nowMs();
    const cells = layout.byName.get(COLLECTOR_COUNT)!.firstCell - 1;
    for (let event = random.below(EVENTS_MAX); event > 0; event -= 1) {
      const cell = random.below(cells);
      this.#ports.after(random.below(plan.collectMs), () => {
        if (this.#vector !== vector) return;
        incrementCell(vector, 4 * cell);
        const counts = this.#truth!.counts.map((count, at) => (at === cell ? count + 1n : count));
        this.#truth = { ...this.#truth!, counts };
      });
    }
  }

  #stopCounting(): void {
    const vector = this.#vector;
    if (vector === undefined) return;
    this.#vector = undefined;
    const countedMs = this.#ports.nowMs() - this.#countingSinceMs;
    this.#step({ kind: 'counted', vector, countedMs, isIncomplete: false });
    vector.fill(0);
  }

  /** The cells that were counted into last are those of the image, or of the report. */
  #persist(record: CollectorRecord): void {
    const truth = this.#truth;
    const writtenTruth = this.#disk?.truth;
    const disk = copyOf(record);
    const isNewImage = record.image !== undefined && record.image !== this.#image;
    this.#image = record.image;
    this.#disk = { record: disk, truth: isNewImage ? truth : writtenTruth };
    if (isNewImage) this.images.push({ ...disk.image!, truth: truth! });
    if (disk.report === undefined) return;
    const cells = disk.report.parts[1]!;
    this.images.push({ generations: generationsOf(disk.report.parts[0]!), cells, truth: truth! });
    this.reported = truth;
  }
}

function generationsOf(signedReport: Uint8Array): number[] {
  const json = new TextDecoder().decode(signedReport.subarray(64));
  return (JSON.parse(json) as { generations: number[] }).generations;
}

/** As it is on the disk: what is wiped in memory stays there. */
function copyOf(record: CollectorRecord): CollectorRecord {
  const { image, report } = record;
  return {
    ...record,
    image: image && { ...image, cells: image.cells.slice() },
    report: report && { ...report, parts: report.parts.map((part) => part.slice()) },
  };
}
