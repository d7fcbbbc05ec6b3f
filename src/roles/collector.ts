/** The collector's daemon: drives collector-round.ts, and counts what its sources tell while a round wants it. */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { modelCounters } from '../collection/traffic/model-counters.js';
import { readTrafficModel, toModelText } from '../collection/traffic/model-file.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { compileCollection, type Collection } from '../collection/collection.js';
import { type MatchLists } from '../collection/match-lists.js';
import { counterBinFaults } from '../core/bins.js';
import { isCheckCounter } from '../core/counters.js';
import { type RingVector } from '../core/ring.js';
import { holderSets } from '../core/holder-sets.js';
import { type DelayRule } from '../privacy/delay-rule.js';
import { beginCollectorRound } from '../protocol/collector-deposit.js';
import { secretsOfCollector, stepCollector } from '../protocol/collector-round.js';
import {
  collectorWakeMs,
  type CollectorEffect,
  type CollectorInput,
  type CollectorRound,
} from '../protocol/collector-state.js';
import { depositEntropyBytes } from '../protocol/deposit.js';
import { type DeclineCode } from '../protocol/messages.js';
import { type Plan } from '../protocol/plan.js';
import { decline, toReason, type RoundFacts, type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { type EventSource, type EventSourceEvents } from './event-source.js';
import { decodeMatchLists } from './match-list-artifacts.js';
import { Node, wipeAll, writeLog, type NodePorts, type ProposedPlan } from './node.js';
import { LoadShedder } from './load-shedder.js';
import { type Load, type NoiseSource } from './ports.js';
import { strictestRule, type OwnDelayRule, type PrivacyMemory, type RoundPrivacy } from './privacy-memory.js';
import { type CollectorStore } from './store-ports.js';

export type CollectorPorts = NodePorts & {
  readonly noise: NoiseSource;
  readonly store: CollectorStore;
  readonly load: Load;
  readonly memory: PrivacyMemory;
  /** One a place that the operator configured. */
  readonly sources: readonly ((events: EventSourceEvents) => EventSource)[];
};

export type CollectorOptions = { readonly rotatePeriodMs: number; readonly ownDelay: OwnDelayRule };

type KeptRound = {
  readonly roundId: string;
  readonly lists: MatchLists;
  readonly model: TrafficModel | undefined;
  readonly plan: Plan;
  readonly privacy: RoundPrivacy;
  state: CollectorRound;
};

type Counting = {
  readonly vector: RingVector;
  readonly collection: Collection;
  readonly startedAtMs: number;
  readonly shedder: LoadShedder;
};

export class Collector {
  readonly #self: Self;
  readonly #options: CollectorOptions;
  readonly #rule: DelayRule;
  readonly #ports: CollectorPorts;
  readonly #node: Node;
  readonly #sources: readonly EventSource[];
  readonly #readySources = new Set<number>();
  readonly #alarm: Alarm;
  readonly #rotation: Alarm;
  #round: KeptRound | undefined;
  #counting: Counting | undefined;

  constructor(self: Self, software: string, options: CollectorOptions, ports: CollectorPorts) {
    this.#self = self;
    this.#options = options;
    this.#rule = strictestRule(self.known.network, options.ownDelay);
    this.#ports = ports;
    this.#alarm = new Alarm(ports.clock, () => this.#step({ kind: 'wake' }));
    this.#rotation = new Alarm(ports.clock, () => this.#rotate());
    this.#node = new Node(self, software, ports, {
      onPlan: (proposed) => this.#begin(proposed),
      onMessage: (message) => this.#step({ kind: 'message', message }),
      has: (roundId) => this.#round?.roundId === roundId,
      status: () => ({ isReady: this.#isReady(), roundId: this.#round?.roundId }),
      needs: ({ lists, trafficModel }) => [
        ...lists.flatMap(({ digests }) => digests),
        ...(trafficModel === undefined ? [] : [trafficModel]),
      ],
    });
    this.#sources = ports.sources.map((open, at) =>
      open({
        onEvent: (bytes, start, end) => this.#takeEvent(bytes, start, end),
        onReady: (isReady) => this.#noteReady(at, isReady),
      }),
    );
  }

  start(): void {
    for (const source of this.#sources) source.start();
    this.#node.start();
  }

  /** Undoes what was set at the relays, and forgets the round: its counts are lost. */
  async close(): Promise<void> {
    this.#forgetRound();
    this.#node.close();
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  #isReady(): boolean {
    return this.#readySources.size === this.#sources.length;
  }

  #noteReady(source: number, isReady: boolean): void {
    const wasReady = this.#isReady();
    if (isReady) this.#readySources.add(source);
    else this.#readySources.delete(source);
    if (this.#isReady() !== wasReady) this.#node.sendStatus();
  }

  /** A newer round of the tally's takes the place of one that it has given up. */
  #begin({ message, plan, sigmaFloor, sensitivities, artifacts }: ProposedPlan): void {
    const { roundId } = message;
    const nowMs = this.#ports.clock.nowMs();
    if (!this.#isReady()) {
      this.#decline(roundId, 'source-unavailable', 'its event source is not there');
      return;
    }
    const decoded = decodeMatchLists(plan, artifacts);
    const model = decodeTrafficModel(plan, artifacts);
    const privacy = { known: this.#self.known, sensitivities, rule: this.#rule };
    const faults = [
      'fault' in decoded ? decoded.fault : [],
      model.faults,
      uncountable(plan, model.model),
      this.#ports.memory.objections(plan, privacy, nowMs),
    ].flat();
    if ('fault' in decoded || faults.length > 0) {
      this.#decline(roundId, 'plan-refused', faults.join('; '));
      return;
    }
    const { network } = this.#self.known;
    const holders = holderSets({ keepers: network.keepers.length, threshold: network.threshold });
    const { state, effects } = beginCollectorRound(this.#self, message, {
      entropy: this.#ports.randomBytes(depositEntropyBytes({ holders })),
      sigmaFloor,
      nowMs,
    });
    if (state.phase === 'ended') {
      for (const effect of effects) this.#perform(effect);
      return;
    }
    this.#giveUpFor(roundId);
    this.#ports.memory.accept(plan, privacy, nowMs);
    this.#round = { roundId, lists: decoded.lists, model: model.model, plan, privacy, state };
    this.#settle(effects);
    this.#node.sendStatus();
  }

  /** A plan that is refused changes nothing; one that is taken ends what came before it. */
  #giveUpFor(roundId: string): void {
    if (this.#round === undefined) return;
    this.#ports.log.warn(
      `round ${this.#round.roundId}: given up for round ${roundId}, which the tally has opened`,
    );
    this.#forgetRound();
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
      this.#forgetRound();
      this.#node.sendStatus();
    }
  }

  #forgetRound(): void {
    this.#alarm.set(undefined);
    if (this.#round !== undefined) {
      this.#ports.store.forget(this.#round.roundId);
      wipeAll(secretsOfCollector(this.#round.state));
    }
    this.#round = undefined;
    const counting = this.#endCounting();
    counting?.vector.fill(0);
    if (counting !== undefined) for (const source of this.#sources) void source.stopCounting();
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
      case 'stop-counting':
        this.#stopCounting();
        break;
      case 'persist':
        this.#ports.store.saveReport(effect.roundId, effect.report);
        this.#ports.memory.give(this.#round!.plan, this.#round!.privacy, this.#ports.clock.nowMs());
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

  #count(vector: RingVector, { layout, plan }: RoundFacts): void {
    const startedAtMs = this.#ports.clock.nowMs();
    const { rotatePeriodMs } = this.#options;
    const collection = compileCollection({
      layout,
      lanes: vector,
      lists: this.#round!.lists,
      trafficModel: this.#round!.model,
      hashSeed: new DataView(this.#ports.randomBytes(4).slice().buffer).getUint32(0),
      startedAtMs,
      rotatePeriodMs,
      onRejected: ({ event, field, reason }) =>
        this.#ports.log.warn(`${event} events with a bad ${field} (${reason}) are skipped`),
    });
    const shedder = new LoadShedder(this.#ports, (events) => collection.noteDropped(events));
    this.#counting = { vector, collection, startedAtMs, shedder };
    this.#rotation.set(startedAtMs + rotatePeriodMs);
    for (const source of this.#sources) source.count(toCountRequest(plan, collection, this.#round!.model));
  }

  /** Hot path. */
  #takeEvent(bytes: Uint8Array, start: number, end: number): void {
    const counting = this.#counting;
    if (counting === undefined) return;
    if (counting.shedder.isShedding) counting.shedder.drop();
    else counting.collection.count(bytes, start, end);
  }

  #rotate(): void {
    if (this.#counting === undefined) return;
    const nowMs = this.#ports.clock.nowMs();
    this.#counting.collection.rotate(nowMs);
    this.#rotation.set(nowMs + this.#options.rotatePeriodMs);
  }

  /** No event is counted from here on. */
  #endCounting(): Counting | undefined {
    const counting = this.#counting;
    this.#counting = undefined;
    this.#rotation.set(undefined);
    counting?.shedder.stop();
    counting?.collection.wipe();
    return counting;
  }

  #stopCounting(): void {
    const counting = this.#endCounting();
    if (counting === undefined) return;
    const elapsedMs = this.#ports.clock.nowMs() - counting.startedAtMs;
    for (const source of this.#sources) void source.stopCounting();
    const outages = this.#sources.map((source) => source.outage());
    const uncountedMs = Math.max(0, ...outages.map((outage) => outage.uncountedMs));
    this.#step({
      kind: 'counted',
      vector: counting.vector,
      countedMs: Math.max(0, Math.round(elapsedMs - uncountedMs)),
      isIncomplete: counting.shedder.hasDropped || outages.some(({ interruptions }) => interruptions > 0),
    });
    counting.vector.fill(0);
  }
}

function decodeTrafficModel(
  { trafficModel: digest }: Plan,
  artifacts: ReadonlyMap<string, Uint8Array>,
): { readonly model: TrafficModel | undefined; readonly faults: readonly string[] } {
  if (digest === undefined) return { model: undefined, faults: [] };
  const { model, faults } = readTrafficModel(new TextDecoder().decode(artifacts.get(digest)));
  return { model, faults: faults.map((fault) => `the traffic model: ${fault}`) };
}

/** Counters of the plan that this collector can't count as they stand. Keepers don't care what a counter means. */
function uncountable({ counters }: Plan, model: TrafficModel | undefined): string[] {
  const ofModel = new Set(model && modelCounters(model).map(({ name }) => name));
  return counters.flatMap(({ name, bins }) => {
    if (isCheckCounter(name)) return [];
    if (!CATALOGUE.has(name) && !ofModel.has(name)) return [`counter ${name} is not known to this version`];
    return counterBinFaults(name, bins).map((fault) => `counter ${name}: ${fault}`);
  });
}

function toCountRequest(plan: Plan, { events }: Collection, model: TrafficModel | undefined) {
  return {
    events,
    circuitSampleRate: plan.circuitSampleRate,
    maxCellEventsPerCircuit: plan.maxCellEventsPerCircuit,
    trafficModel: model && toModelText(model),
  };
}
