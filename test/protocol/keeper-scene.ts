/** A keeper in the middle of a round, and what the other nodes of the round say to it. */
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { sumsOfMasks } from '../../src/protocol/keeper-answer.js';
import { type KeeperRound, type LiveKeeperRound } from '../../src/protocol/keeper-state.js';
import { type Json } from '../../src/protocol/canonical-json.js';
import { type MessageOf, type RoundMessage } from '../../src/protocol/messages.js';
import { signerOf } from '../../src/protocol/round.js';
import { readStatement, signStatement, type StatementKind } from '../../src/protocol/statements.js';
import { RandomSource } from '../support/random-source.js';
import { runOut } from '../support/run-out.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { keeperTakes } from './purely.js';
import { DIGEST } from './sample-statements.js';
import { Scene } from './scene.js';

export const known = testNetwork({ keepers: 3, threshold: 2, collectors: 3, minCollectors: 2 });
export const whole = new Scene({ known }).run();
export const { roundId } = whole.plan;
export const self = testSelf(known, 'keeper-1');
export const NOW_MS = 100;

/** Scenes are alike to the byte, so what one sends suits the states of another. */
const counting = new Scene({ known }).run('collecting');

function liveKeeper(scene: Scene, name: string): LiveKeeperRound {
  const state = scene.keepers.get(name);
  if (state === undefined || state.phase === 'ended') throw new Error('the keeper takes no part');
  return state;
}

/** It holds all deposits. */
export const keyed = liveKeeper(counting, 'keeper-1');
export const voted = liveKeeper(new Scene({ known }).run('answering'), 'keeper-1');
export const ended: KeeperRound = { phase: 'ended', outcome: 'released' };

export function take(state: KeeperRound, message: RoundMessage) {
  return keeperTakes(self, state, { kind: 'message', message }, NOW_MS);
}

/** As `take`; sums that it wants are made at once. */
export function takeAndSum(state: KeeperRound, message: RoundMessage) {
  const step = take(state, message);
  const sum = step.effects.find((effect) => effect.kind === 'sum');
  if (sum === undefined) return step;
  return keeperTakes(self, step.state, { kind: 'summed', sums: runOut(sumsOfMasks(sum.state)) }, NOW_MS);
}

export function signedBy(name: string, kind: StatementKind, statement: Json): Uint8Array {
  return signStatement(kind, statement, signerOf(testSelf(known, name)));
}

export function speakerOf(name: string) {
  return { publicKey: testSelf(known, name).identity.publicKey, networkId: known.id };
}

export const plan = keyed.facts.planDigest;
const dealt = whole.last('deposit', 'keeper-1');
const { roster } = readStatement('deposit', dealt.parts[0]!, speakerOf(dealt.collector))!;

/** Deals another deposit of a collector to the roster of the scene. */
export function dealAgain(collector: string, generation: number): MessageOf<'deposit'> {
  const keepers = ['keeper-1', 'keeper-2', 'keeper-3'].map((name, index) => {
    return { name, index, key: liveKeeper(counting, name).keys.publicKey };
  });
  const entropy = new RandomSource(generation).bytes(depositEntropyBytes(keyed.facts));
  const given = { roster: { keepers, digest: roster }, generation, entropy };
  const { parts } = dealSeeds(testSelf(known, collector), keyed.facts, given)!;
  return { kind: 'deposit', roundId, collector, parts: parts.slice(0, 2) };
}

export const set = ['collector-1', 'collector-2', 'collector-3'].map((collector) => ({
  collector,
  generations: [1],
  report: DIGEST,
}));

export function proposal(
  changes: { readonly [key: string]: Json } = {},
  by = 'tally',
): MessageOf<'proposal'> {
  const statement = { roundId, plan, roster, set, ...changes };
  return { kind: 'proposal', roundId, parts: [signedBy(by, 'proposal', statement)] };
}
