/** The plain model of spec/counters.md 6.3: the path of a viterbi event, through JSON, word by word. */
import { type SubModelKind } from '../../src/collection/traffic/traffic-model.js';

/** A counter's name, and what is added to it. */
type Increments = [name: string, amount: bigint][];

const PREFIXES = { packets: 'ExitStreamTrafficModel', streams: 'ExitCircuitTrafficModel' } as const;
const TOTALS = { packets: 'StreamCount', streams: 'CircuitCount' } as const;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What the path adds, also to counters that no model has; undefined if it can't be read, and then nothing is counted. */
export function plainPath(payload: string, kind: SubModelKind): Increments | undefined {
  const steps = toSteps(payload);
  if (steps === undefined) return undefined;
  const increments: Increments = [];
  const add = (name: string, amount: bigint): void => void increments.push([PREFIXES[kind] + name, amount]);
  add(TOTALS[kind], 1n);
  for (const [at, step] of steps.entries()) {
    if (step === undefined) continue;
    const { state, observation, delay } = step;
    const both = (measure: string, amount: bigint): void => {
      add(measure, amount);
      add(`${measure}_${state}_${observation}`, amount);
    };
    both('EmissionCount', 1n);
    const isLog = ['+', '-'].includes(observation) || (observation === '$' && state.includes('Dwell'));
    const log = delay < 1n ? 0n : BigInt(Math.round(Math.log(Number(delay))));
    if (isLog) both('LogDelayTime', log);
    if (isLog) both('SquaredLogDelayTime', log * log);
    if (!isLog && observation === '$' && state.includes('Active')) both('DelayTime', delay);
    if (at === 0) add(`TransitionCount_START_${state}`, 1n);
    const next = steps[at + 1];
    if (next === undefined) continue;
    add('TransitionCount', 1n);
    add(`TransitionCount_${state}_${next.state}`, 1n);
  }
  return increments;
}

type Step = { readonly state: string; readonly observation: string; readonly delay: bigint };

/** Undefined stands in the list for an element with fewer than three entries. */
function toSteps(payload: string): (Step | undefined)[] | undefined {
  let path: unknown;
  try {
    path = JSON.parse(payload.replaceAll(';', ','));
  } catch {
    return undefined;
  }
  if (!Array.isArray(path) || !path.every((step): step is unknown[] => Array.isArray(step))) return undefined;
  const steps = path.map((step) => (step.length < 3 ? 'skipped' : toStep(step)));
  if (steps.includes(undefined)) return undefined;
  return steps.map((step) => (typeof step === 'object' ? step : undefined));
}

function toStep([state, observation, delay]: readonly unknown[]): Step | undefined {
  const isName = (value: unknown): value is string => typeof value === 'string' && /^[\0-\x7f]*$/.test(value);
  if (!isName(state) || !isName(observation)) return undefined;
  const number = typeof delay === 'string' && NUMBER.test(delay) ? Number(delay) : delay;
  if (typeof number !== 'number' || Math.abs(number) >= 2 ** 53) return undefined;
  return { state, observation, delay: BigInt(Math.trunc(number)) };
}
