/** What `privcount noise` prints and writes. */
import { dump } from 'js-yaml';
import { type Allocation, type AllocationOptions } from '../privacy/allocation.js';
import { sampledValue } from '../privacy/noise-request.js';

/** The ways to allocate that a comparison shows, PrivCount's own first. */
const COMPARED: readonly (AllocationOptions & { readonly title: string })[] = [
  { title: 'privcount', allocator: 'privcount' },
  { title: 'joint, stronger condition', allocator: 'joint', condition: 'probabilistic' },
  { title: 'joint', allocator: 'joint' },
  { title: 'joint, histograms in L2', allocator: 'joint', histogramSensitivity: 'l2' },
];

export type ComparedAllocation = { readonly title: string; readonly allocation: Allocation };

export function compareAllocators(
  allocate: (options: AllocationOptions) => Allocation,
): ComparedAllocation[] {
  return COMPARED.map(({ title, ...options }) => ({ title, allocation: allocate(options) }));
}

/** sqrt(E) sigma / v, with v as it is sampled: the same for all counters. */
export function noiseRatioOf({ excessNoiseRatio, counters: [first] }: Allocation): number {
  return first === undefined ? 0 : (Math.sqrt(excessNoiseRatio) * first.sigma) / sampledValue(first);
}

export function definitionOf({ allocator, condition, histogramSensitivity }: Allocation): string {
  const parts = [
    condition === 'differential' ? 'differential privacy' : 'probabilistic (the stronger condition)',
    allocator === 'joint' ? 'of all counters together' : 'of each counter, with epsilon and delta split',
    ...(histogramSensitivity === 'l2' ? ['if histogram sensitivities are 2 s'] : []),
  ];
  return parts.join(' ');
}

export function comparisonLines(compared: readonly ComparedAllocation[]): string[] {
  const [{ allocation }] = compared as [ComparedAllocation];
  const row = (cells: readonly [string, string, string, string]): string =>
    `${cells[0].padEnd(26)}  ${cells[1].padStart(14)}  ${cells[2].padStart(10)}  ${cells[3]}`;
  return [
    levelLine(allocation),
    '',
    row(['allocator', 'expected noise', 'epsilon', 'definition that holds at the level above']),
    ...compared.map(({ title, allocation: each }) =>
      row([title, percent(noiseRatioOf(each)), each.integratedEpsilon.toPrecision(4), definitionOf(each)]),
    ),
    '',
    'expected noise: one standard deviation of a total, as a share of what the counter is expected to come to.',
    'epsilon: what plain differential privacy at this delta really costs, by integrating its definition.',
  ];
}

export function allocationLines(allocation: Allocation): string[] {
  const width = allocation.counters.reduce((most, { name }) => Math.max(most, name.length), 'counter'.length);
  const row = (cells: readonly [string, string, string, string, string]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(width) : cell.padStart(14))).join('  ');
  return [
    levelLine(allocation),
    `allocator ${allocation.allocator}: ${definitionOf(allocation)}`,
    `expected noise ${percent(noiseRatioOf(allocation))}; plain epsilon at this delta, by integration: ` +
      allocation.integratedEpsilon.toPrecision(6),
    '',
    row(['counter', 'sensitivity', 'estimate', 'sigma', 'noise']),
    ...allocation.counters.map(({ name, sensitivity, estimatedValue, sigma, expectedNoiseRatio }) =>
      row([
        name,
        String(sensitivity),
        estimatedValue.toPrecision(6),
        sigma.toPrecision(8),
        percent(expectedNoiseRatio),
      ]),
    ),
  ];
}

function levelLine({ counters, epsilon, delta, excessNoiseRatio }: Allocation): string {
  return `${counters.length} counters, epsilon ${epsilon}, delta ${delta}, excess noise ratio ${excessNoiseRatio}`;
}

function percent(ratio: number): string {
  const value = 100 * ratio;
  return `${value < 1 ? value.toPrecision(3) : value.toFixed(2)} %`;
}

/** An allocation file: a noise file with the sigmas, which is also a sigmas file. */
export function allocationYaml(allocation: Allocation): string {
  const heading = [
    `Made by privcount noise: ${definitionOf(allocation)}.`,
    `Plain epsilon at this delta, by integration: ${allocation.integratedEpsilon.toPrecision(6)}.`,
  ];
  return heading.map((line) => `# ${line}\n`).join('') + dump(toDocument(allocation), { lineWidth: -1 });
}

/** The same for programs. */
export function allocationJson(allocation: Allocation): object {
  return {
    ...toDocument(allocation),
    definition: definitionOf(allocation),
    mu: allocation.mu,
    epsilon_by_integration: allocation.integratedEpsilon,
  };
}

function toDocument(allocation: Allocation) {
  return {
    privacy: {
      epsilon: allocation.epsilon,
      delta: allocation.delta,
      excess_noise_ratio: allocation.excessNoiseRatio,
      allocator: allocation.allocator,
      condition: allocation.condition,
      histogram_sensitivity: allocation.histogramSensitivity,
      sigma_ratio: noiseRatioOf(allocation),
    },
    counters: Object.fromEntries(
      allocation.counters.map((counter) => [
        counter.name,
        {
          sensitivity: counter.sensitivity,
          estimated_value: counter.estimatedValue,
          sigma: counter.sigma,
          expected_noise_ratio: counter.expectedNoiseRatio,
          ...(counter.epsilon === undefined ? {} : { epsilon: counter.epsilon }),
        },
      ]),
    ),
  };
}
