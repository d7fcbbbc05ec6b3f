/** What `privcount results` prints. */
import { grouped } from '../results/decimal.js';
import { changeBetween } from '../results/comparison.js';
import { toRange } from '../results/bin-labels.js';
import { toIntervalText } from '../results/chart.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { toEstimate, type Measured } from '../results/estimate.js';
import { type ComparedCounter } from '../results/experiments.js';
import { extrapolate, type Weight } from '../results/extrapolation.js';
import { type PastRound } from '../results/past-round.js';
import { type CounterResult } from '../results/result-file.js';
import { type FiledRound } from '../io/results-folder.js';
import { durationOf } from './duration.js';
import { printable } from './read-experiments.js';
import { toTextTable } from './text-table.js';
import { toUtcText } from './utc-text.js';

const INTERVALS = { sigmas: SIGMAS_OF_95_PERCENT, isZeroBound: false };

export function toRoundList(rounds: readonly FiledRound[]): string[] {
  const rows = rounds.map((round) => [
    toUtcText(round.beginMs),
    durationOf(round.endMs - round.beginMs),
    round.outcome,
    round.outcome === 'released' ? String(round.counters) : '',
    round.outcome === 'released' ? String(round.collectors.length) : '',
    epsilonText(round),
    round.file,
    printable(round.reason ?? ''),
  ]);
  const heading = ['begin (UTC)', 'length', 'outcome', 'counters', 'collectors', 'epsilon', 'file', 'reason'];
  return toTextTable([heading, ...rows], heading.length);
}

function epsilonText({ noise, privacy }: PastRound): string {
  if (noise === 'off') return 'no noise';
  if (privacy === undefined) return '';
  return privacy.epsilon === Infinity ? 'infinite' : privacy.epsilon.toFixed(3);
}

/** What a round was, above its totals or instead of them. */
export function toRoundHead(round: PastRound): string[] {
  const { collectors, keepers, leftOut, culprits } = round;
  const lines: [string, string][] = [
    ['round', [round.roundId, round.networkName && `of ${round.networkName}`].filter(Boolean).join(' ')],
    ['outcome', round.outcome],
    ['from', `${toUtcText(round.beginMs)} UTC, for ${durationOf(round.endMs - round.beginMs)}`],
    ['reason', round.reason ?? ''],
    ['caused by', culprits.join(', ')],
    ['collectors', collectors.join(', ')],
    ['keepers', keepers.join(', ')],
    ['left out', leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ')],
  ];
  return lines
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${`${name}:`.padEnd(12)}${printable(text)}`);
}

/** A column of totals an experiment, and what changed from the first to the last. */
export function toComparison(counters: readonly ComparedCounter[], labels: readonly string[]): string[] {
  const [first, last] = [labels[0]!, labels.at(-1)!];
  const rows = counters.flatMap(({ name, bins }) =>
    bins.map((bin, at) => {
      const entryOf = (label: string) => bin.entries.find((entry) => entry.label === label);
      const [from, to] = [entryOf(first), entryOf(last)];
      const totals = labels.flatMap((label) => {
        const entry = entryOf(label);
        return entry === undefined ? ['', ''] : [grouped(entry.total), intervalWords(entry)];
      });
      const change = from && to && changeBetween(from, to, SIGMAS_OF_95_PERCENT);
      const words =
        change === undefined
          ? ['', '']
          : [toIntervalText(change, INTERVALS) || grouped(change.total), VERDICTS[change.verdict]];
      return [at === 0 ? name : '', bins.length === 1 ? '' : toRange(bin), ...totals, ...words];
    }),
  );
  const heads = labels.flatMap((label) => [label, '95 % interval']);
  return toTextTable([['counter', 'bin', ...heads, 'change', ''], ...rows], 2);
}

function intervalWords(entry: Measured): string {
  if (entry.sigma === undefined) return 'not known';
  return toIntervalText(entry, INTERVALS) || 'exact';
}

const VERDICTS = {
  higher: 'higher',
  lower: 'lower',
  same: 'may be the same',
  unknown: 'noise not known',
};

export type ExtrapolatedCounter = { readonly counter: CounterResult; readonly weight: Weight };

export function toExtrapolation(counters: readonly ExtrapolatedCounter[]): string[] {
  const rows = counters.flatMap(({ counter: { name, bins, sigma }, weight }) =>
    bins.map((bin, at) => {
      const { value, low, high } = extrapolate(
        toEstimate({ total: bin.total, sigma }, SIGMAS_OF_95_PERCENT),
        weight,
      );
      return [
        at === 0 ? name : '',
        bins.length === 1 ? '' : toRange(bin),
        grouped(bin.total),
        at === 0 ? weightText(weight) : '',
        wholeText(Math.round(value)),
        sigma === undefined ? 'not known' : `${wholeText(Math.floor(low))} to ${wholeText(Math.ceil(high))}`,
      ];
    }),
  );
  return toTextTable([['counter', 'bin', 'total', 'weight', 'whole network', '95 % interval'], ...rows], 2);
}

function weightText({ mean, least, most }: Weight): string {
  const text = (weight: number): string => String(Number(weight.toPrecision(4)));
  return least < most ? `${text(mean)} (${text(least)} to ${text(most)})` : text(mean);
}

function wholeText(value: number): string {
  return Number.isFinite(value) ? grouped(BigInt(value)) : 'unlimited';
}
