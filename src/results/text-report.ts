/** Results as text, number by number as PrivCount's plot writes them (spec/rounds.md, section 16). */
import { confidencePercent } from './confidence.js';
import { toWhole } from './decimal.js';
import { toEstimate, type Estimate, type Measured } from './estimate.js';
import {
  compareExperiments,
  type ComparedBin,
  type ComparedCounter,
  type Experiment,
} from './experiments.js';

export type ReportOptions = {
  /** The intervals' half-width in standard deviations; 0 for none. */
  readonly sigmas: number;
  /** Nothing is below 0. */
  readonly isZeroBound: boolean;
  /** Bins are left out in which every experiment is like this. */
  readonly ignores: { readonly noisy: boolean; readonly zero: boolean };
};

/** By experiment, then by counter. Throws ComparisonError. */
export function toTextReport(experiments: readonly Experiment[], options: ReportOptions): string[] {
  const counters = shownCounters(compareExperiments(experiments), options);
  let heading = '';
  return experiments.flatMap(({ label }) =>
    counters.flatMap(({ name, bins }) =>
      bins.flatMap((bin) => {
        const entry = bin.entries.find((candidate) => candidate.label === label);
        if (entry === undefined) return [];
        const estimate = toWholeEstimate(entry, options.sigmas);
        const line = toLine(name, bin, estimate, options.isZeroBound);
        const before = heading;
        heading = `Experiment Label: ${experimentLabel(label, entry.sigma, options)}`;
        return heading === before ? [line] : [heading, line];
      }),
    ),
  );
}

/** Without the bins that are to be left out, and without counters that have none then. */
export function shownCounters(
  counters: readonly ComparedCounter[],
  { ignores, sigmas }: ReportOptions,
): ComparedCounter[] {
  const isShown = ({ entries }: ComparedBin): boolean => {
    const estimates = entries.map((entry) => toEstimate(entry, sigmas));
    const isIgnored = ({ isNoisy, isPossiblyZero }: Estimate): boolean =>
      (ignores.noisy && isNoisy) || (ignores.zero && isPossiblyZero);
    return !estimates.every(isIgnored);
  };
  return counters
    .map((counter) => ({ ...counter, bins: counter.bins.filter(isShown) }))
    .filter(({ bins }) => bins.length > 0);
}

function experimentLabel(label: string, sigma: number | undefined, { sigmas }: ReportOptions): string {
  if (sigma === undefined) return `${label} (how much noise is not known)`;
  if (Math.round(sigma * sigmas) === 0) return label;
  return `${label} (${Number(sigmas.toFixed(2))} sigma = ${confidencePercent(sigmas)}% CI)`;
}

const EDGE_WIDTH = 9;
const WIDTH = 14;

/** PrivCount reckons in whole numbers: the error is rounded, and then added. */
type WholeEstimate = { readonly value: bigint; readonly error: bigint };

function toWholeEstimate({ total, sigma }: Measured, sigmas: number): WholeEstimate {
  return { value: toWhole(total), error: BigInt(Math.round(sigmas * (sigma ?? 0))) };
}

function toLine(
  name: string,
  { low, high }: Pick<ComparedBin, 'low' | 'high'>,
  { value, error }: WholeEstimate,
  isZeroBound: boolean,
): string {
  const size = value < 0n ? -value : value;
  const start = `${name} [${edge(low)},${edge(high)}) = ${whole(value)}`;
  const words = [
    error > 0n && error >= size ? 'obscured' : ' visible',
    value - error <= 0n ? '    zero' : 'positive',
  ];
  const seen = `(${words.join(', ')})`;
  const bounded = (number: bigint): bigint => (isZeroBound && number < 0n ? 0n : number);
  const isCutOff = bounded(value) !== value;
  if (error === 0n) {
    const change = isCutOff ? 'value' : 'no change';
    return isZeroBound ? `${start} ${seen} bound: ${whole(bounded(value))} (${change})` : `${start} ${seen}`;
  }
  const share = size === 0n ? 'inf' : ((100 * Number(error)) / Number(size)).toFixed(1);
  return (
    `${start} +- ${error} (${share.padStart(7)}%) ${seen} bound: ${whole(bounded(value))} ` +
    `[${whole(bounded(value - error))}, ${whole(bounded(value + error))}] (${isCutOff ? 'value' : 'error low'}, error high)`
  );
}

function edge(value: number): string {
  if (!Number.isFinite(value)) return (value > 0 ? 'inf' : '-inf').padStart(EDGE_WIDTH);
  return (Number.isInteger(value) ? value.toFixed(1) : String(value)).padStart(EDGE_WIDTH);
}

function whole(value: bigint): string {
  return String(value).padStart(WIDTH);
}
