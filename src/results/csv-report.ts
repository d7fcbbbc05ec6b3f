/** Results as comma-separated values (RFC 4180), a line for each bin of each experiment. */
import { toEstimate } from './estimate.js';
import { type ComparedCounter } from './experiments.js';

const COLUMNS = [
  'experiment',
  'counter',
  'bin_low',
  'bin_high',
  'total',
  'sigma',
  'interval_low',
  'interval_high',
  'noisy',
];

/** `sigmas`: half of the interval's width in standard deviations. A sigma that the file does not state is empty. */
export function toCsvReport(counters: readonly ComparedCounter[], sigmas: number): string {
  const rows = counters.flatMap(({ name, bins }) =>
    bins.flatMap(({ low, high, entries }) =>
      entries.map((entry) => {
        const { low: from, high: to, isNoisy } = toEstimate(entry, sigmas);
        const { label, total, sigma } = entry;
        return [label, name, low, high, total, sigma ?? '', from, to, isNoisy ? 1 : 0];
      }),
    ),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(toField).join(',')}\r\n`).join('');
}

function toField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
