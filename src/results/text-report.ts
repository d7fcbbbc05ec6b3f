/** Results as text, number by number as PrivCount's plot writes them (spec/rounds.md, section 16). */
import { confidencePercent } from './confidence.js';
import { boundedByZero, toEstimate, type Estimate } from './estimate.js';
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
        const estimate = toEstimate(entry, options.sigmas);
        const line = toLine(name, bin, estimate, options);
        const before = heading;
        heading = `Experiment Label: ${experimentLabel(label, estimate, options)}`;
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
    .map(({ name, bins }) => ({ name, bins: bins.filter(isShown) }))
    .filter(({ bins }) => bins.length > 0);
}

function experimentLabel(label: string, { error }: Estimate, { sigmas }: ReportOptions): string {
  return error === 0 ? label : `${label} (${sigmas} sigma = ${confidencePercent(sigmas)}% CI)`;
}

const EDGE_WIDTH = 9;
const WIDTH = 14;

function toLine(
  name: string,
  { low, high }: Pick<ComparedBin, 'low' | 'high'>,
  estimate: Estimate,
  options: ReportOptions,
): string {
  const start = `${name} [${edge(low)},${edge(high)}) = ${whole(estimate.value)}`;
  const words = [
    estimate.isNoisy ? 'obscured' : ' visible',
    estimate.isPossiblyZero ? '    zero' : 'positive',
  ];
  const seen = `(${words.join(', ')})`;
  const bounded = options.isZeroBound ? boundedByZero(estimate) : estimate;
  if (estimate.error === 0) {
    const change = bounded.value === estimate.value ? 'no change' : 'value';
    return options.isZeroBound
      ? `${start} ${seen} bound: ${whole(bounded.value)} (${change})`
      : `${start} ${seen}`;
  }
  const share = ((100 * estimate.error) / Math.abs(estimate.value)).toFixed(1);
  const end = bounded.value === estimate.value ? 'error low' : 'value';
  return (
    `${start} +- ${exact(estimate.error)} (${share.padStart(7)}%) ${seen} bound: ${whole(bounded.value)} ` +
    `[${whole(bounded.low)}, ${whole(bounded.high)}] (${end}, error high)`
  );
}

function edge(value: number): string {
  const text = Number.isFinite(value) ? (Number.isInteger(value) ? value.toFixed(1) : String(value)) : '';
  const infinite = value > 0 ? 'inf' : '-inf';
  return (text === '' ? infinite : text).padStart(EDGE_WIDTH);
}

function whole(value: number): string {
  return exact(value).padStart(WIDTH);
}

/** Without an exponent. */
function exact(value: number): string {
  return String(BigInt(Math.round(value)));
}
