/** A good statement of every kind. */
import { type Json } from '../../src/protocol/canonical-json.js';
import { toPlanJson } from '../../src/protocol/plan.js';
import { type StatementKind } from '../../src/protocol/statements.js';
import { testNetwork, testPlan } from '../support/test-network.js';

export type JsonObject = { readonly [key: string]: Json };

export const ROUND_ID = '5a'.repeat(16);
export const DIGEST = 'd1'.repeat(32);

const inRound = { roundId: ROUND_ID, plan: DIGEST };

export const sampleStatements: Readonly<Record<StatementKind, JsonObject>> = {
  plan: toPlanJson(
    testPlan(testNetwork(), { sigmas: DIGEST, lists: [{ kind: 'domains', digests: [DIGEST] }] }),
  ) as JsonObject,
  'round-key': { ...inRound, keeper: 'keeper-1', key: '09'.repeat(32) },
  deposit: {
    ...inRound,
    roster: DIGEST,
    collector: 'collector-1',
    generation: 1,
    commitments: [DIGEST],
    boxes: [{ keeper: 'keeper-1', digest: DIGEST }],
  },
  acknowledgement: {
    ...inRound,
    keeper: 'keeper-1',
    collector: 'collector-1',
    generation: 1,
    deposit: DIGEST,
  },
  start: { ...inRound, startedAtMs: 5 },
  report: {
    ...inRound,
    collector: 'collector-1',
    generations: [1],
    vector: DIGEST,
    countedMs: 7,
    isIncomplete: false,
  },
  proposal: {
    ...inRound,
    roster: DIGEST,
    set: [{ collector: 'collector-1', generations: [1], report: DIGEST }],
  },
  vote: { ...inRound, keeper: 'keeper-1', proposal: DIGEST },
  answer: { ...inRound, keeper: 'keeper-1', proposal: DIGEST, sums: [{ set: 0, digest: DIGEST }] },
  end: { ...inRound, outcome: 'aborted', reason: 'too few collectors' },
};

export const statementKinds = Object.keys(sampleStatements) as StatementKind[];
