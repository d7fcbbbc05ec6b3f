/** What a round with kills published, against what its relays sent and its collectors had written down. */
import { expect } from 'chai';
import { type TracedCommit } from '../support/kill-at.js';
import { totalsOf } from '../support/process-network.js';
import { EVENTS_PER_BATCH, type BatchRelay } from './kill-relay.js';
import { HISTOGRAM, NODES, type KillRound, type Life } from './kill-harness.js';

type Counts = ReadonlyMap<number, number>;

export type KillFigures = {
  readonly kills: number;
  /** Events that a checkpoint or a report had and the total has not, and the other way round. */
  readonly lost: number;
  readonly twice: number;
  readonly counted: number;
  /** Collectors that were killed before their first checkpoint, and away until the others had counted: not in the total. */
  readonly leftOut: readonly string[];
  /** From a node's start to its being with the tally again, in ms. */
  readonly recoveries: readonly number[];
};

function sumOf(maps: readonly Counts[]): Map<number, number> {
  const sum = new Map<number, number>();
  for (const [bin, count] of maps.flatMap((map) => [...map])) sum.set(bin, (sum.get(bin) ?? 0) + count);
  return sum;
}

function heardBy(relay: BatchRelay, { heard }: TracedCommit): Map<number, number> {
  return sumOf(Object.entries(heard).map(([port, bytes]) => relay.eventsIn(Number(port), bytes)));
}

function keepsCells({ killed, put }: TracedCommit): boolean {
  return killed !== 'before' && put.some((key) => key === 'round/image' || key === 'round/report');
}

/** What its disk held last: what each life had heard at its last checkpoint or report, on top of what it began with. */
function keptBy(round: KillRound, name: string): Counts {
  const relay = round.relays.get(name)!;
  let kept: Counts = new Map();
  for (const life of round.lives.get(name)!) {
    const last = round.commitsOf(life).findLast(keepsCells);
    if (last !== undefined) kept = sumOf([kept, heardBy(relay, last)]);
  }
  return kept;
}

function hasKept(round: KillRound, name: string): boolean {
  return round.lives.get(name)!.some((life) => round.commitsOf(life).some(keepsCells));
}

/** Whether a life of the collector ended between its first event and its report. */
function wasInterrupted(round: KillRound, name: string): boolean {
  const relay = round.relays.get(name)!;
  const lives = round.lives.get(name)!;
  const isCutOff = (life: Life): boolean => {
    const commits = round.commitsOf(life);
    const hasReported = commits.some(
      ({ killed, put }) => killed !== 'before' && put.includes('round/report'),
    );
    const ports = Object.keys(commits.at(-1)?.heard ?? {});
    return !hasReported && ports.some((port) => relay.wasWanted(Number(port)));
  };
  return lives.slice(0, -1).some(isCutOff);
}

/** Throws unless all that the collector's relay sent before that time is in what it kept. */
export function expectKeptBefore(round: KillRound, name: string, beforeMs: number): void {
  const kept = keptBy(round, name);
  const sent = [...round.relays.get(name)!.sent].filter(([, { atMs }]) => atMs < beforeMs);
  expect(sent.length, `batches sent to ${name}`).to.be.greaterThan(0);
  for (const [bin, { events }] of sent) expect(kept.get(bin), `bin ${bin} of ${name}`).to.equal(events);
}

function wasKilled({ endedBy }: Life): boolean {
  return endedBy === 'kill';
}

/** Throws where the round is not what it must be. */
export async function checkRound(round: KillRound): Promise<KillFigures> {
  const { outcome, tallies } = await round.network.result();
  expect(outcome.Result.outcome, JSON.stringify(outcome.Result)).to.equal('released');
  const leftOut = outcome.Result.left_out.map(({ name }) => name);
  for (const name of leftOut) {
    expect(NODES.collector.filter((collector) => collector === name)).to.deep.equal([name]);
    expect(hasKept(round, name), `${name} is left out, and had cells on its disk`).to.equal(false);
  }
  const collectors = NODES.collector.filter((name) => !leftOut.includes(name));
  expect(outcome.Result.collectors).to.deep.equal(collectors);
  const totals = totalsOf(tallies!);
  expect(totals.get('CollectorCount')).to.deep.equal([BigInt(collectors.length)]);
  expect(totals.get('ZeroCount')).to.deep.equal([0n]);
  const released = totals.get(HISTOGRAM)!.map(Number);
  const figures = { lost: 0, twice: 0, counted: 0 };
  for (const name of NODES.collector) {
    const kept = keptBy(round, name);
    const { sent } = round.relays.get(name)!;
    for (const [bin, { events }] of sent) {
      const total = released[bin - 1]!;
      figures.counted += total;
      figures.lost += Math.max(0, (kept.get(bin) ?? 0) - total);
      figures.twice += Math.max(0, total - (kept.get(bin) ?? 0));
      expect(total, `bin ${bin} of ${name}`).to.be.at.most(events);
      expect(total, `bin ${bin} of ${name}`).to.equal(kept.get(bin) ?? 0);
    }
    if (!leftOut.includes(name)) checkCoverage(round, name, outcome.Context.DataCollector[name]!.Status);
  }
  expect(released.reduce((sum, count) => sum + count, 0)).to.equal(figures.counted);
  const lives = [...round.lives.values()].flat();
  return { ...figures, leftOut, kills: lives.filter(wasKilled).length, recoveries: recoveriesOf(round) };
}

function checkCoverage(
  round: KillRound,
  name: string,
  { counted, complete }: { readonly counted?: number; readonly complete?: boolean },
): void {
  const isKilled = round.lives.get(name)!.some(wasKilled);
  if (wasInterrupted(round, name)) {
    expect(complete, `${name} was interrupted`).to.equal(false);
    expect(counted, `${name} was interrupted`).to.be.lessThan(round.collectPeriod);
  } else if (!isKilled) {
    expect(complete, `${name} was not killed`).to.equal(true);
    expect(counted, `${name} was not killed`).to.be.at.least(round.collectPeriod / 2);
    expectMostlyCounted(round, name);
  }
}

/** So that nothing at all can't pass for everything: of what it was sent but for the last second, all is counted. */
function expectMostlyCounted(round: KillRound, name: string): void {
  const { sent } = round.relays.get(name)!;
  const kept = [...keptBy(round, name).values()].reduce((sum, count) => sum + count, 0);
  expect(kept, name).to.be.at.least((sent.size / 2) * EVENTS_PER_BATCH);
  expect(kept, name).to.be.greaterThan(0);
}

/** Of each node that was started after a kill and found the network there. */
function recoveriesOf(round: KillRound): number[] {
  return [...round.lives.values()].flatMap((lives) =>
    lives
      .slice(1)
      .flatMap(({ backAfterMs }, at) =>
        backAfterMs !== undefined && wasKilled(lives[at]!) ? [backAfterMs] : [],
      ),
  );
}
