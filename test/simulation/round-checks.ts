/** What must hold of every simulated round, whatever was lost and whoever was killed. */
import { expect } from 'chai';
import { fromBytes, subtractVector, toSigned } from '../../src/core/ring.js';
import { SIGNATURE_BYTES } from '../../src/crypto/identity.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { roundMsMax } from '../../src/protocol/plan.js';
import { type CollectorTruth, type Image } from './simulated-collector.js';
import { expectedTotals, type SimulatedRound } from './simulated-round.js';

export function checkRound(run: SimulatedRound): void {
  checkEnd(run);
  checkTotals(run);
  for (const { images, sent } of run.collectors.values()) {
    checkSecrecy(images);
    const reports = sent.filter(({ kind }) => kind === 'report');
    expect(distinct(reports.map(bytesOf)), 'different reports of a collector').to.have.length.at.most(1);
  }
  for (const { sent } of run.keepers.values()) checkAnswers(sent);
}

/** A tally that is killed gives each phase its time again. */
function checkEnd({ outcome, plan, tookMs, tallyDeaths, collectors, keepers }: SimulatedRound): void {
  expect(outcome, 'the round did not end').not.to.equal(undefined);
  expect(tookMs).to.be.at.most(roundMsMax(plan) * (1 + tallyDeaths));
  for (const [name, { phase }] of [...collectors, ...keepers]) expect(phase, name).to.equal('ended');
}

/** Whatever was counted up to the images that were gone on from, to the unit. */
function checkTotals(run: SimulatedRound): void {
  const { outcome } = run;
  if (outcome?.kind !== 'released') return;
  const names = outcome.collectors.map(({ name }) => name);
  expect(toSigned(outcome.totals)).to.deep.equal(expectedTotals(run, names));
}

/** No cell that leaves is what was counted, and no two images give away what was counted between them. */
function checkSecrecy(images: readonly Image[]): void {
  const vectors = images.map(({ cells }) => toSigned(fromBytes(cells)));
  images.forEach((image, at) => {
    const cells = vectors[at]!;
    image.truth.counts.forEach((count, cell) => {
      expect(cells[cell]).not.to.equal(count);
      expect(cells[cell]).not.to.equal(count + image.truth.noise[cell]!);
    });
    for (const earlier of images.slice(0, at)) checkPair(earlier, image);
  });
}

/** Both have the same bytes, or masks in one are not in the other. */
export function checkPair(earlier: Image, later: Image): void {
  if (Buffer.compare(earlier.cells, later.cells) === 0) return;
  expect([...earlier.generations], 'images under the same masks').not.to.have.members([...later.generations]);
  const difference = fromBytes(later.cells);
  subtractVector(difference, fromBytes(earlier.cells));
  const counted = totalOf(later.truth).map((cell, at) => cell - totalOf(earlier.truth)[at]!);
  toSigned(difference).forEach((cell, at) => expect(cell).not.to.equal(counted[at]));
}

function totalOf({ noise, counts }: CollectorTruth): bigint[] {
  return counts.map((count, at) => count + noise[at]!);
}

/** A keeper says one thing of each deposit, votes for one set, and has one answer. */
function checkAnswers(sent: readonly RoundMessage[]): void {
  const signed = (kind: RoundMessage['kind']) =>
    distinct(sent.filter((message) => message.kind === kind).map(({ parts }) => textOf(parts[0]!)));
  for (const kind of ['round-key', 'vote', 'answer'] as const)
    expect(signed(kind), `different statements in each ${kind}`).to.have.length.at.most(1);
  const acknowledged = signed('acknowledgement').map((text) => {
    const { collector, generation } = JSON.parse(text.slice(SIGNATURE_BYTES)) as Record<string, unknown>;
    return `${String(collector)} ${String(generation)}`;
  });
  expect(distinct(acknowledged)).to.have.length(acknowledged.length);
}

function bytesOf({ parts }: RoundMessage): string {
  return parts.map(textOf).join('|');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
