/** A result file as a table that people can read: each total with the interval that its noise leaves. */
import { isCheckCounter } from '../core/counters.js';
import { SIGMAS_OF_95_PERCENT } from '../results/confidence.js';
import { wholeNumbersAround } from '../results/decimal.js';
import {
  type BinResult,
  parseResultFile,
  type ReleasedPrivacy,
  type RoundResult,
} from '../results/result-file.js';
import { toTextTable } from './text-table.js';

/** The text of an outcome or a tallies file as lines. Throws ResultFileError if it is neither. */
export function toResultTable(text: string): string[] {
  return toResultLines(parseResultFile(text));
}

export function toResultLines(result: RoundResult): string[] {
  const rows = result.counters
    .filter(({ name }) => !isCheckCounter(name))
    .flatMap(({ name, bins, sigma }) =>
      bins.map((bin, at) => [
        at === 0 ? name : '',
        bins.length === 1 ? '' : toBinText(bin),
        bin.total,
        toInterval(bin.total, sigma),
      ]),
    );
  const table = toTextTable([['counter', 'bin', 'total', '95 % interval'], ...rows], 2);
  return result.privacy === undefined ? table : [...table, '', privacyLine(result.privacy)];
}

export function toBinText({ low, high }: Pick<BinResult, 'low' | 'high'>): string {
  return `${low} to ${high === Infinity ? 'any' : high}`;
}

function toInterval(total: string, sigma: number | undefined): string {
  if (sigma === undefined) return 'not known';
  if (sigma === 0) return 'exact';
  const { low, high } = wholeNumbersAround(total, SIGMAS_OF_95_PERCENT * sigma);
  return `${low} to ${high}`;
}

/** What the released collectors' noise really gives. */
function privacyLine(privacy: ReleasedPrivacy): string {
  if (privacy.noise === 'off') return 'Noise was off: these totals keep nothing private.';
  const show = (epsilon: number): string => (epsilon === Infinity ? 'infinite' : epsilon.toFixed(3));
  const all = show(privacy.epsilon);
  const worst = show(privacy.epsilonOfWorstTolerated);
  const line = `Privacy of these totals: epsilon ${all} at delta ${privacy.delta ?? 'that is not stated'}`;
  return all === worst
    ? `${line}.`
    : `${line}; ${worst} if the collectors that network.yaml tolerates are dishonest or curious.`;
}
