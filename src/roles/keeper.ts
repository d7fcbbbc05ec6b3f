/** The keeper's daemon: drives keeper-round.ts for each round that the tally opens. */
import { beginKeeperRound, secretsOfKeeper, stepKeeper } from '../protocol/keeper-round.js';
import {
  keeperWakeMs,
  type KeeperEffect,
  type KeeperInput,
  type KeeperRound,
} from '../protocol/keeper-state.js';
import { type DelayRule } from '../privacy/delay-rule.js';
import { type Plan } from '../protocol/plan.js';
import { decline, type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { Node, wipeAll, writeLog, type NodePorts, type ProposedPlan } from './node.js';
import { strictestRule, type OwnDelayRule, type PrivacyMemory, type RoundPrivacy } from './privacy-memory.js';
import { type KeeperStore } from './store-ports.js';

export type KeeperPorts = NodePorts & {
  readonly store: KeeperStore;
  readonly memory: PrivacyMemory;
};

export type KeeperOptions = { readonly ownDelay: OwnDelayRule };

/** A tally has one round at a time; rounds that it lost when it was restarted linger until their time is up. */
const ROUNDS_MAX = 16;

type KeptRound = {
  state: KeeperRound;
  readonly alarm: Alarm;
  readonly plan: Plan;
  readonly privacy: RoundPrivacy;
};

export class Keeper {
  readonly #self: Self;
  readonly #ports: KeeperPorts;
  readonly #rule: DelayRule;
  readonly #node: Node;
  readonly #rounds = new Map<string, KeptRound>();

  constructor(self: Self, software: string, { ownDelay }: KeeperOptions, ports: KeeperPorts) {
    this.#self = self;
    this.#rule = strictestRule(self.known.network, ownDelay);
    this.#ports = ports;
    this.#node = new Node(self, software, ports, {
      onPlan: (proposed) => this.#begin(proposed),
      onMessage: (message) => this.#step(message.roundId, { kind: 'message', message }),
      has: (roundId) => this.#rounds.has(roundId),
      status: () => ({ isReady: true, roundId: [...this.#rounds.keys()].at(-1) }),
      needs: () => [],
    });
  }

  start(): void {
    this.#node.start();
  }

  /** Wipes what it holds of any round: a keeper that is not there any more helps nobody to open one. */
  close(): void {
    for (const { state, alarm } of this.#rounds.values()) {
      alarm.set(undefined);
      wipeAll(secretsOfKeeper(state));
    }
    this.#rounds.clear();
    this.#node.close();
  }

  #begin({ message, plan, sigmaFloor, sensitivities }: ProposedPlan): void {
    const { roundId } = message;
    const nowMs = this.#ports.clock.nowMs();
    if (this.#rounds.size >= ROUNDS_MAX) {
      this.#node.send(decline(roundId, 'busy', `this keeper is in ${ROUNDS_MAX} rounds already`).message);
      return;
    }
    const begun = beginKeeperRound(this.#self, message, {
      secretKey: this.#ports.randomBytes(32),
      sigmaFloor,
      isSeen: this.#ports.store.hasSeen(roundId),
      nowMs,
    });
    const privacy = { known: this.#self.known, sensitivities, rule: this.#rule };
    const isDeclined = begun.state.phase === 'ended';
    const objections = isDeclined ? [] : this.#ports.memory.objections(plan, privacy, nowMs);
    if (objections.length > 0) {
      const reason = objections.join('; ');
      this.#ports.log.warn(`round ${roundId}: declined, ${reason}`);
      this.#node.send(decline(roundId, 'plan-refused', reason).message);
      return;
    }
    const { state, effects } = begun;
    if (!isDeclined) {
      this.#ports.store.markSeen(roundId);
      this.#ports.memory.accept(plan, privacy, nowMs);
    }
    const alarm = new Alarm(this.#ports.clock, () => this.#step(roundId, { kind: 'wake' }));
    this.#rounds.set(roundId, { state, alarm, plan, privacy });
    this.#settle(roundId, effects);
  }

  #step(roundId: string, input: KeeperInput): void {
    const round = this.#rounds.get(roundId);
    if (round === undefined) return;
    const { state, effects } = stepKeeper(this.#self, round.state, input, this.#ports.clock.nowMs());
    round.state = state;
    this.#settle(roundId, effects);
  }

  #settle(roundId: string, effects: readonly KeeperEffect[]): void {
    const round = this.#rounds.get(roundId)!;
    for (const effect of effects) this.#perform(round, effect);
    round.alarm.set(keeperWakeMs(round.state));
    if (round.state.phase === 'ended') {
      this.#rounds.delete(roundId);
      this.#node.sendStatus();
    }
  }

  #perform({ plan, privacy }: KeptRound, effect: KeeperEffect): void {
    switch (effect.kind) {
      case 'log':
        writeLog(this.#ports.log, effect);
        break;
      case 'send':
        if (effect.message.kind === 'answer')
          this.#ports.memory.give(plan, privacy, this.#ports.clock.nowMs());
        this.#node.send(effect.message);
        break;
      case 'wipe':
        wipeAll(effect.secrets);
        break;
      case 'persist-vote':
        this.#ports.store.saveVote(effect.roundId, effect);
        break;
    }
  }
}
