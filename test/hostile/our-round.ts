/**
 * A round of this project's own machines, honest up to a phase; from there on a hostile tally has the word. It has all that
 * was ever sent, and the tally's identity.
 */
import { type Json } from '../../src/protocol/canonical-json.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { signerOf } from '../../src/protocol/round.js';
import { type ReleasedSet } from '../../src/protocol/shapes.js';
import { signStatement, statementDigest, type StatementKind } from '../../src/protocol/statements.js';
import { type KeeperRound } from '../../src/protocol/keeper-state.js';
import { type TallyPhase } from '../../src/protocol/tally-state.js';
import { messagesOf, summary } from '../protocol/effects.js';
import { watched } from '../protocol/purely.js';
import { DIGEST } from '../protocol/sample-statements.js';
import { Scene, type SceneOptions } from '../protocol/scene.js';
import { testNetwork, testSelf } from '../support/test-network.js';

/** One collector may be left out of a total: what stops an attack that leaves one out is not this floor. */
export const KNOWN = testNetwork({ keepers: 3, threshold: 2, collectors: 3, minCollectors: 2 });
export const COLLECTORS = KNOWN.network.collectors.map(({ name }) => name);
const KEEPERS = KNOWN.network.keepers.map(({ name }) => name);

/** test/protocol/scene.ts: each collector's noise, and its number in the first cell. */
const SCENE_NOISE = 3;
export function trueCount(collectors: readonly string[]): bigint {
  return BigInt(collectors.reduce((sum, name) => sum + Number(name.split('-')[1]) + SCENE_NOISE, 0));
}

export function signedBy(name: string, kind: StatementKind, statement: Json): Uint8Array {
  return signStatement(kind, statement, signerOf(testSelf(KNOWN, name)));
}

export function planMessage(plan: Plan): Extract<RoundMessage, { kind: 'plan' }> {
  return { kind: 'plan', roundId: plan.roundId, parts: [signedBy('tally', 'plan', toPlanJson(plan))] };
}

/** Rounds that nobody meddles with are alike to the byte, and are run once. */
const calm = new Map<TallyPhase, Scene>();

function calmScene(until: TallyPhase): Scene {
  const scene = calm.get(until) ?? new Scene({ known: KNOWN }).run(until);
  calm.set(until, scene);
  return scene;
}

export class OurRound {
  readonly scene: Scene;
  readonly #keepers: Map<string, KeeperRound>;
  #planDigest: string;
  #roundId: string;
  #votes: Uint8Array[] = [];

  constructor(until: TallyPhase, meddle?: SceneOptions['meddle']) {
    this.scene = meddle === undefined ? calmScene(until) : new Scene({ known: KNOWN, meddle }).run(until);
    this.#keepers = new Map(this.scene.keepers);
    this.#planDigest = statementDigest(planMessage(this.scene.plan).parts[0]!);
    this.#roundId = this.scene.plan.roundId;
  }

  /** What is said from now on is said about another plan, which the keepers may or may not have taken up. */
  turnTo(plan: Plan): void {
    this.#planDigest = statementDigest(planMessage(plan).parts[0]!);
    this.#roundId = plan.roundId;
  }

  /** A keeper that has no part in any round is shown a plan: the kinds of what it does. */
  begin(keeper: string, plan: Plan, { isSeen = false } = {}): string[] {
    const given = {
      secretKey: new Uint8Array(32).fill(9),
      sigmaFloor: undefined,
      isSeen,
      nowMs: this.scene.nowMs,
    };
    const step = watched.keeperBegins(testSelf(KNOWN, keeper), planMessage(plan), given);
    this.#keepers.set(keeper, step.state);
    return summary(step);
  }

  /** What a keeper does when it is told this: effects by kind, messages by kind, declines by code. */
  tell(keeper: string, message: RoundMessage): string[] {
    const input = { kind: 'message', message } as const;
    const state = this.#keepers.get(keeper)!;
    const step = watched.keeperTakes(testSelf(KNOWN, keeper), state, input, this.scene.nowMs);
    this.#keepers.set(keeper, step.state);
    for (const sent of messagesOf(step)) if (sent.kind === 'vote') this.#votes.push(sent.parts[0]!);
    return summary(step);
  }

  /** What each keeper does, in their order. */
  tellAll(message: RoundMessage): string[][] {
    return KEEPERS.map((keeper) => this.tell(keeper, message));
  }

  /** The tally's wish to have these collectors' reports opened. */
  proposal(collectors: readonly string[]): RoundMessage {
    const deposit = this.scene.sent.find(({ message }) => message.kind === 'deposit')!.message;
    const roster = rosterOf(deposit.parts[0]!);
    const set: ReleasedSet = collectors.map((collector) => ({ collector, generations: [1], report: DIGEST }));
    const statement = { roundId: this.#roundId, plan: this.#planDigest, roster, set };
    const parts = [signedBy('tally', 'proposal', statement)];
    return { kind: 'proposal', roundId: this.#roundId, parts };
  }

  /** Every vote that the hostile tally has heard. */
  certificate(): RoundMessage {
    return { kind: 'certificate', roundId: this.#roundId, send: [0, 1, 2], parts: this.#votes };
  }

  /** Deposits as they were passed on to a keeper, under the name of the round that is on now. */
  recordedDeposits(keeper: string): Extract<RoundMessage, { kind: 'deposit' }>[] {
    return this.scene.sent.flatMap(({ to, message }) =>
      message.kind === 'deposit' && to === keeper ? [{ ...message, roundId: this.#roundId }] : [],
    );
  }
}

/** The digest of the roster that a deposit was dealt to; who signed it does not matter here. */
function rosterOf(signedDeposit: Uint8Array): string {
  return statementOf(signedDeposit)['roster'] as string;
}

/** What a statement says. */
export function statementOf(signed: Uint8Array): Record<string, Json> {
  const SIGNATURE_BYTES = 64;
  return JSON.parse(new TextDecoder().decode(signed.subarray(SIGNATURE_BYTES))) as Record<string, Json>;
}
