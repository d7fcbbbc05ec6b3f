/** The keeper's daemon: drives keeper-round.ts for each round that the tally opens. */
import { beginKeeperRound, resumeKeeperRound } from '../protocol/keeper-begin.js';
import { type DelayRule } from '../privacy/delay-rule.js';
import { toHex, fromHex } from '../core/hex.js';
import { type MessageOf } from '../protocol/messages.js';
import { decline, readPlan, type Self } from '../protocol/round.js';
import { KeptRound, type KeeperPorts, type RoundEnd } from './keeper-round-driver.js';
import { Node, type ProposedPlan } from './node.js';
import { strictestRule, type OwnDelayRule } from './privacy-memory.js';
import { readJournals, RoundJournal, type JournalEntry } from './round-journal.js';
import { RoundPhases } from './round-phases.js';
import { hasSeen, seenChange } from './seen-rounds.js';

export type { KeeperPorts } from './keeper-round-driver.js';

export type KeeperOptions = { readonly ownDelay: OwnDelayRule };

/** A tally has one round at a time; rounds that it gave up when it was set up anew linger until their time is up. */
const ROUNDS_MAX = 16;

export class Keeper {
  readonly #self: Self;
  readonly #ports: KeeperPorts;
  readonly #rule: DelayRule;
  readonly #node: Node;
  readonly #phases = new RoundPhases();
  readonly #rounds = new Map<string, KeptRound>();

  constructor(self: Self, software: string, { ownDelay }: KeeperOptions, ports: KeeperPorts) {
    this.#self = self;
    this.#rule = strictestRule(self.known.network, ownDelay);
    this.#ports = ports;
    this.#node = new Node('keeper', { self, software }, ports, {
      onPlan: (proposed) => this.#begin(proposed),
      onMessage: (message) => this.#rounds.get(message.roundId)?.step({ kind: 'message', message }),
      has: (roundId) => this.#rounds.has(roundId),
      phases: this.#phases,
      isReady: () => true,
      needs: () => [],
    });
  }

  /** Takes up the rounds that were under way when it ended, then looks for the tally. */
  start(): void {
    for (const [roundId, entries] of readJournals(this.#ports.store)) this.#resume(roundId, entries);
    this.#node.start();
  }

  /** Its rounds stay on the disk; what it holds of them in memory is wiped. */
  close(): void {
    for (const round of this.#rounds.values()) round.close();
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
    const secretKey = this.#ports.randomBytes(32);
    const isSeen = hasSeen(this.#ports.store, roundId);
    const begun = beginKeeperRound(this.#self, message, { secretKey, sigmaFloor, isSeen, nowMs });
    const privacy = { known: this.#self.known, sensitivities, rule: this.#rule };
    const isDeclined = begun.state.phase === 'ended';
    const objections = isDeclined ? [] : this.#ports.memory.objections(plan, privacy, nowMs);
    if (objections.length > 0) {
      const reason = objections.join('; ');
      this.#ports.log.warn(`round ${roundId}: declined, ${reason}`);
      this.#node.send(decline(roundId, 'plan-refused', reason).message);
      return;
    }
    const journal = new RoundJournal(this.#ports.store, roundId);
    if (!isDeclined) {
      this.#ports.memory.accept(plan, privacy, nowMs);
      const entry = { atMs: nowMs, note: { secretKey: toHex(secretKey) }, message };
      journal.append(entry, [seenChange(roundId)]);
    }
    this.#keep(
      roundId,
      new KeptRound(this.#self, this.#ports, this.#eventsOf(roundId), {
        journal,
        plan,
        rule: this.#rule,
        state: begun.state,
      }),
    ).settle(begun.effects);
  }

  #keep(roundId: string, round: KeptRound): KeptRound {
    this.#rounds.set(roundId, round);
    return round;
  }

  #eventsOf(roundId: string) {
    return {
      send: (message: Parameters<Node['send']>[0]) => this.#node.send(message),
      onPhase: (phase: string) => {
        this.#phases.note(roundId, { phase }, this.#ports.clock.nowMs());
        this.#node.noteStatus();
      },
      onEnded: (outcome: RoundEnd) => {
        this.#rounds.delete(roundId);
        this.#phases.end(roundId, outcome === 'declined' ? 'unknown' : outcome, this.#ports.clock.nowMs());
        this.#node.sendStatus();
      },
    };
  }

  #resume(roundId: string, [begin, ...entries]: readonly JournalEntry[]): void {
    const { store, log } = this.#ports;
    const journal = new RoundJournal(store, roundId, 1 + entries.length);
    const message = begin!.message as MessageOf<'plan'>;
    const plan = readPlan(this.#self, message);
    const { secretKey } = begin!.note as { secretKey: string };
    const state = resumeKeeperRound(this.#self, message, {
      secretKey: fromHex(secretKey),
      nowMs: begin!.atMs,
    });
    if (plan === undefined || state === undefined) {
      log.warn(`round ${roundId}: not gone on with, it belongs to another network.yaml`);
      store.write(journal.removal());
      return;
    }
    const round = new KeptRound(this.#self, this.#ports, this.#eventsOf(roundId), {
      journal,
      plan,
      rule: this.#rule,
      state,
    });
    this.#keep(roundId, round).replay(entries);
    log.info(`round ${roundId}: goes on after a restart`);
  }
}
