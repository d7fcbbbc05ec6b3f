/**
 * What a node remembers of its rounds for the sake of privacy: what each cost, and when the last one was (design, sections 3
 * and 4). It is kept in the node's store, for whatever the node counts and whatever network.yaml says: a new file does not
 * clear it, and with another key the store does not open. A round is written down before the plan is accepted, and stays whether or not the round
 * is released.
 */
import { z } from 'zod';
import { type Network } from '../core/network.js';
import { stateAfterRound, type DelayRule } from '../privacy/delay-rule.js';
import { entriesInWindow } from '../privacy/ledger.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import {
  planMu,
  privacyObjections,
  sigmasOf,
  type RoundHistory,
  type SensitivityTable,
} from '../protocol/check-privacy.js';
import { type Plan } from '../protocol/plan.js';

/** A node's own wishes about the delay between rounds; they count where they are stricter than network.yaml. */
export type OwnDelayRule = { readonly [Key in keyof DelayRule]?: DelayRule[Key] | undefined };

export type MemoryFile = {
  /** Undefined if the node has taken part in no round yet. */
  read(): string | undefined;
  /** On the disk when it returns. */
  write(text: string): void;
};

/** Entries older than any window of a budget count no more; network.yaml's windows are at most ten years. */
const KEPT_DAYS = 3653;

const number = z.number();
const schema = z.strictObject({
  version: z.literal(1),
  rounds: z.array(z.strictObject({ roundId: z.string(), atMs: number, mu: z.number().min(0) })),
  last: z.strictObject({ endMs: number, sigmas: z.record(z.string(), number) }).optional(),
});

export class PrivacyMemory {
  readonly #file: MemoryFile;
  #history: RoundHistory;

  /** Throws Error if the file is there and is not what this class writes: what it remembers must not be lost in silence. */
  constructor(file: MemoryFile) {
    this.#file = file;
    const text = file.read();
    this.#history = text === undefined ? { ledger: [], delay: undefined } : parse(text);
  }

  get history(): RoundHistory {
    return this.#history;
  }

  /** Why the node can't take part in this round; empty if it can. */
  objections(plan: Plan, about: RoundPrivacy, nowMs: number): string[] {
    return privacyObjections(plan, { ...about, history: this.#history, nowMs });
  }

  /** The round is taken part in: its cost is on the disk when this returns. Each time that it is, it costs again. */
  accept(plan: Plan, about: RoundPrivacy, nowMs: number): void {
    if (plan.noise === 'off') return;
    const entry = { roundId: plan.roundId, atMs: nowMs, mu: planMu(plan, about) };
    const kept = entriesInWindow(this.#history.ledger, { nowMs, windowDays: KEPT_DAYS });
    this.#save({ ...this.#history, ledger: [...kept, entry] });
  }

  /** This node has given what the total needs of it: from here on the round counts as released. */
  give(plan: Plan, { rule }: Pick<RoundPrivacy, 'rule'>, nowMs: number): void {
    if (plan.noise === 'off') return;
    const delay = stateAfterRound(this.#history.delay, { sigmas: sigmasOf(plan), endMs: nowMs }, rule);
    this.#save({ ...this.#history, delay });
  }

  #save(history: RoundHistory): void {
    const { ledger, delay } = history;
    const last = delay && { endMs: delay.lastEndMs, sigmas: Object.fromEntries(delay.sigmas) };
    this.#file.write(`${JSON.stringify({ version: 1, rounds: ledger, ...(last && { last }) })}\n`);
    this.#history = history;
  }
}

/** What the plan is measured against. */
export type RoundPrivacy = {
  readonly known: KnownNetwork;
  readonly sensitivities: SensitivityTable;
  readonly rule: DelayRule;
};

function parse(text: string): RoundHistory {
  const { rounds, last } = schema.parse(JSON.parse(text));
  return {
    ledger: rounds,
    delay: last && { lastEndMs: last.endMs, sigmas: new Map(Object.entries(last.sigmas)) },
  };
}

/** The stricter of network.yaml's rule and the node's own. */
export function strictestRule(network: Network, own: OwnDelayRule): DelayRule {
  return {
    delayPeriodMs: Math.max(network.delayPeriodMs, own.delayPeriodMs ?? 0),
    alwaysDelay: network.alwaysDelay || own.alwaysDelay === true,
    sigmaDecreaseTolerance: Math.min(network.sigmaDecreaseTolerance, own.sigmaDecreaseTolerance ?? Infinity),
  };
}
