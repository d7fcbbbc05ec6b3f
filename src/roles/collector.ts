/** The collector's daemon: drives collector-round.ts, and counts what its sources tell while a round wants it. */
import { type RingVector } from '../core/ring.js';
import { holderSets } from '../core/holder-sets.js';
import { type DelayRule } from '../privacy/delay-rule.js';
import { addReserve } from '../protocol/collector-checkpoint.js';
import {
  beginCollectorRound,
  resumeCollectorRound,
  type CollectorGiven,
} from '../protocol/collector-deposit.js';
import { stepCollector } from '../protocol/collector-round.js';
import {
  collectorPhaseEndMs,
  collectorWakeMs,
  secretsOfCollector,
  type CollectorEffect,
  type CollectorInput,
  type CollectorRecord,
  type CollectorRound,
} from '../protocol/collector-state.js';
import { depositEntropyBytes } from '../protocol/deposit.js';
import { type DeclineCode } from '../protocol/messages.js';
import { type Plan } from '../protocol/plan.js';
import { decline, toReason, type RoundFacts, type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { readRecord, removeRecord, writeRecord } from './collector-record.js';
import { Counting } from './counting.js';
import { EventSources, type OpenSource } from './event-sources.js';
import { Node, wipeAll, writeLog, type NodePorts, type ProposedPlan } from './node.js';
import { type Load, type NoiseSource } from './ports.js';
import { strictestRule, type OwnDelayRule, type PrivacyMemory, type RoundPrivacy } from './privacy-memory.js';
import { RoundPhases } from './round-phases.js';
import { lostMaterial, materialOf } from './resumed-material.js';
import { artifactsOf, readMaterial, type RoundMaterial } from './round-material.js';
import { hasSeen } from './seen-rounds.js';
import { type LastRound } from './status-board.js';
import { type Store } from './store-port.js';

export type CollectorPorts = NodePorts & {
  readonly noise: NoiseSource;
  readonly store: Store;
  readonly load: Load;
  readonly memory: PrivacyMemory;
  /** One a place that the operator configured. */
  readonly sources: readonly OpenSource[];
};

export type CollectorOptions = {
  readonly rotatePeriodMs: number;
  readonly checkpointMs: number;
  readonly ownDelay: OwnDelayRule;
};

type KeptRound = {
  readonly roundId: string;
  /** As it is on the disk. */
  record: CollectorRecord | undefined;
  readonly material: RoundMaterial;
  readonly plan: Plan;
  readonly privacy: RoundPrivacy;
  state: CollectorRound;
};

export class Collector {
  readonly #self: Self;
  readonly #options: CollectorOptions;
  readonly #rule: DelayRule;
  readonly #ports: CollectorPorts;
  readonly #node: Node;
  readonly #sources: EventSources;
  readonly #alarm: Alarm;
  readonly #phases = new RoundPhases();
  #round: KeptRound | undefined;
  #counting: Counting | undefined;

  constructor(self: Self, software: string, options: CollectorOptions, ports: CollectorPorts) {
    this.#self = self;
    this.#options = options;
    this.#rule = strictestRule(self.known.network, options.ownDelay);
    this.#ports = ports;
    this.#alarm = new Alarm(ports.clock, () => this.#step({ kind: 'wake' }));
    this.#node = new Node('collector', { self, software }, ports, {
      onPlan: (proposed) => this.#begin(proposed),
      onMessage: (message) => this.#step({ kind: 'message', message }),
      has: (roundId) => this.#round?.roundId === roundId,
      phases: this.#phases,
      isReady: () => this.#sources.areReady,
      needs: artifactsOf,
    });
    this.#sources = new EventSources(ports.sources, {
      onEvent: (bytes, start, end) => this.#counting?.take(bytes, start, end),
      onReadings: (readings) => this.#counting?.takeReadings(readings),
      onReady: () => this.#node.sendStatus(),
    });
  }

  /** Goes on with the round that was under way when it ended, as soon as its sources are there; and looks for the tally. */
  start(): void {
    this.#resume();
    this.#sources.start();
    this.#node.start();
  }

  /** Undoes what was set at the relays. The round stays on the disk as of now. */
  async close(): Promise<void> {
    if (this.#round !== undefined) this.#step({ kind: 'suspend' });
    this.#dropRound();
    this.#node.close();
    await this.#sources.close();
  }

  /** A newer round of the tally's takes the place of one that it has given up. */
  #begin({ message, plan, sigmaFloor, sensitivities, artifacts }: ProposedPlan): void {
    const { roundId } = message;
    const nowMs = this.#ports.clock.nowMs();
    const lack = this.#sources.lackFor(plan.counters);
    if (lack !== undefined) {
      this.#decline(roundId, 'source-unavailable', lack);
      return;
    }
    const material = readMaterial(plan, artifacts);
    const privacy = { known: this.#self.known, sensitivities, rule: this.#rule };
    const faults = [
      'faults' in material ? material.faults : [],
      this.#ports.memory.objections(plan, privacy, nowMs),
    ].flat();
    if ('faults' in material || faults.length > 0) {
      this.#decline(roundId, 'plan-refused', faults.join('; '));
      return;
    }
    if (hasSeen(this.#ports.store, roundId)) {
      this.#decline(roundId, 'round-seen', 'this collector has taken part in a round of this id before');
      return;
    }
    const { state, effects } = beginCollectorRound(this.#self, message, {
      ...this.#given(nowMs),
      sigmaFloor,
    });
    if (state.phase === 'ended') {
      for (const effect of effects) this.#perform(effect);
      return;
    }
    this.#giveUpFor(roundId);
    this.#ports.memory.accept(plan, privacy, nowMs);
    this.#round = { roundId, record: undefined, material, plan, privacy, state };
    this.#settle(effects);
    this.#node.sendStatus();
  }

  #given(nowMs: number): CollectorGiven {
    const { keepers, threshold } = this.#self.known.network;
    const holders = holderSets({ keepers: keepers.length, threshold });
    const entropy = this.#ports.randomBytes(depositEntropyBytes({ holders }));
    return { entropy, checkpointMs: this.#options.checkpointMs, nowMs };
  }

  /** Goes on with the round on the disk, if there is one. */
  #resume(): void {
    const { store, clock, artifacts } = this.#ports;
    const record = readRecord(store);
    if (record === undefined) return;
    const { state, effects } = resumeCollectorRound(this.#self, record, this.#given(clock.nowMs()));
    const resumed = state.phase === 'ended' ? undefined : materialOf(state, artifacts);
    if (resumed === undefined) {
      for (const effect of state.phase === 'ended' ? effects : lostMaterial(state)) this.#perform(effect);
      removeRecord(store);
      return;
    }
    const { roundId } = record.plan;
    const privacy = { known: this.#self.known, sensitivities: undefined, rule: this.#rule };
    this.#round = { roundId, record, ...resumed, privacy, state };
    this.#settle(effects);
  }

  /** A plan that is refused changes nothing; one that is taken ends what came before it. */
  #giveUpFor(roundId: string): void {
    if (this.#round === undefined) return;
    this.#ports.log.warn(
      `round ${this.#round.roundId}: given up for round ${roundId}, which the tally has opened`,
    );
    this.#forgetRound('unknown');
  }

  #decline(roundId: string, code: DeclineCode, reason: string): void {
    this.#ports.log.warn(`round ${roundId}: declined, ${toReason(reason)}`);
    this.#node.send(decline(roundId, code, reason).message);
  }

  #step(input: CollectorInput): void {
    if (this.#round === undefined) return;
    const { state, effects } = stepCollector(this.#self, this.#round.state, input, this.#ports.clock.nowMs());
    this.#round.state = state;
    this.#settle(effects);
  }

  #settle(effects: readonly CollectorEffect[]): void {
    const round = this.#round!;
    for (const effect of effects) this.#perform(effect);
    // An effect may have led to the next step already.
    if (this.#round !== round) return;
    this.#alarm.set(collectorWakeMs(round.state));
    if (round.state.phase === 'ended') {
      const { outcome } = round.state;
      this.#forgetRound(outcome === 'declined' ? 'unknown' : outcome);
      this.#node.sendStatus();
    } else {
      const { phase } = round.state;
      const endsAtMs = collectorPhaseEndMs(round.state);
      this.#phases.note(round.roundId, { phase, endsAtMs }, this.#ports.clock.nowMs());
      this.#node.noteStatus();
    }
  }

  /** The round is over: nothing of it stays. */
  #forgetRound(outcome: LastRound['outcome']): void {
    this.#phases.end(this.#round!.roundId, outcome, this.#ports.clock.nowMs());
    this.#dropRound();
    removeRecord(this.#ports.store);
  }

  /** Nothing of it stays in memory. */
  #dropRound(): void {
    this.#alarm.set(undefined);
    if (this.#round !== undefined) wipeAll(secretsOfCollector(this.#round.state));
    this.#round = undefined;
    this.#counting?.stop();
    this.#counting?.vector.fill(0);
    this.#counting = undefined;
  }

  #perform(effect: CollectorEffect): void {
    switch (effect.kind) {
      case 'log':
        writeLog(this.#ports.log, effect);
        break;
      case 'send':
        this.#node.send(effect.message);
        break;
      case 'wipe':
        wipeAll(effect.secrets);
        break;
      case 'draw':
        this.#draw(effect.sigmas);
        break;
      case 'count':
        this.#count(effect.vector, effect.facts);
        break;
      case 'draw-entropy':
        this.#step({ kind: 'entropy-drawn', entropy: this.#given(0).entropy });
        break;
      case 'take-image':
        this.#step({ kind: 'image-taken', ...this.#counting!.image() });
        break;
      case 'add-masks':
        addReserve(this.#self, this.#counting!.vector, effect);
        break;
      case 'stop-counting':
        this.#stopCounting();
        break;
      case 'persist':
        this.#persist(effect.record);
        break;
    }
  }

  #draw(sigmas: Float64Array): void {
    const round = this.#round;
    // Noise of an earlier plan with the same round id would have that plan's sigmas: the round must be the very one.
    const answer = (noise: RingVector | undefined): void => {
      if (this.#round === round) this.#step({ kind: 'noise-drawn', noise });
      else noise?.fill(0);
    };
    this.#ports.noise.draw(sigmas).then(answer, (error: unknown) => {
      this.#ports.log.error(`drawing noise failed: ${error instanceof Error ? error.message : 'unknown'}`);
      answer(undefined);
    });
  }

  #count(vector: RingVector, facts: RoundFacts): void {
    const given = { facts, ...this.#round!.material, rotatePeriodMs: this.#options.rotatePeriodMs };
    this.#counting = new Counting(this.#ports, this.#sources.all, vector, given);
  }

  #stopCounting(): void {
    const counting = this.#counting;
    if (counting === undefined) return;
    this.#counting = undefined;
    this.#step({ kind: 'counted', vector: counting.vector, ...counting.stop() });
    counting.vector.fill(0);
  }

  #persist(record: CollectorRecord): void {
    const round = this.#round!;
    const isReported = record.report !== undefined && round.record?.report === undefined;
    // First, since a kill between the two would leave a report that leaves, and a delay that does not know of it.
    if (isReported) this.#ports.memory.give(round.plan, round.privacy, this.#ports.clock.nowMs());
    writeRecord(this.#ports.store, record, round.record);
    round.record = record;
  }
}
