/** The keeper's daemon: drives keeper-round.ts for each round that the tally opens. */
import { beginKeeperRound, stepKeeper } from '../protocol/keeper-round.js';
import {
  keeperWakeMs,
  type KeeperEffect,
  type KeeperInput,
  type KeeperRound,
} from '../protocol/keeper-state.js';
import { decline, type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { Node, wipeAll, writeLog, type NodePorts, type ProposedPlan } from './node.js';
import { type KeeperStore } from './store-ports.js';

export type KeeperPorts = NodePorts & { readonly store: KeeperStore };

/** A tally has one round at a time; rounds that it lost when it was restarted linger until their time is up. */
const ROUNDS_MAX = 16;

export class Keeper {
  readonly #self: Self;
  readonly #ports: KeeperPorts;
  readonly #node: Node;
  readonly #rounds = new Map<string, { state: KeeperRound; readonly alarm: Alarm }>();

  constructor(self: Self, software: string, ports: KeeperPorts) {
    this.#self = self;
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
      if (state.phase !== 'ended') state.keys.secretKey.fill(0);
    }
    this.#rounds.clear();
    this.#node.close();
  }

  #begin({ message, sigmaFloor }: ProposedPlan): void {
    const { roundId } = message;
    if (this.#rounds.size >= ROUNDS_MAX) {
      this.#node.send(decline(roundId, 'busy', `this keeper is in ${ROUNDS_MAX} rounds already`).message);
      return;
    }
    const { state, effects } = beginKeeperRound(this.#self, message, {
      secretKey: this.#ports.randomBytes(32),
      sigmaFloor,
      isSeen: this.#ports.store.hasSeen(roundId),
      nowMs: this.#ports.clock.nowMs(),
    });
    if (state.phase !== 'ended') this.#ports.store.markSeen(roundId);
    const alarm = new Alarm(this.#ports.clock, () => this.#step(roundId, { kind: 'wake' }));
    this.#rounds.set(roundId, { state, alarm });
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
    for (const effect of effects) this.#perform(effect);
    round.alarm.set(keeperWakeMs(round.state));
    if (round.state.phase === 'ended') {
      this.#rounds.delete(roundId);
      this.#node.sendStatus();
    }
  }

  #perform(effect: KeeperEffect): void {
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
      case 'persist-vote':
        this.#ports.store.saveVote(effect.roundId, effect);
        break;
    }
  }
}
