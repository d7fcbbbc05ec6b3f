/**
 * One line of a metrics page that gives a value: `name{label="value",...} value timestamp`. Labels stand in any order; a
 * timestamp may follow, and in OpenMetrics an exemplar, and both are passed over.
 */
import { type MetricsFaultCode } from './metrics-fault.js';

/** Tor's longest series has four; what counts a whole machine has a dozen. */
export const LABELS_MAX = 16;
/** An onion address has 62 characters, the longest of tor's values 34. */
export const LABEL_CHARACTERS_MAX = 256;

export type Sample = {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** As it stands there. */
  readonly value: string;
};

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*(?=[ \t{])/y;
const LABELS_START = /[ \t]*\{/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|(?=\}))/y;
const LABELS_END = /[ \t]*\}/y;
const REST = /[ \t]*(\S+)(?:[ \t]+[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)?(?:[ \t]+#[ \t].*)?[ \t]*$/y;
const ESCAPE = /\\./g;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\\\', '\\'],
  ['\\"', '"'],
  ['\\n', '\n'],
]);
const NO_LABELS: ReadonlyMap<string, string> = new Map();

export function parseSample(line: string): Sample | MetricsFaultCode {
  const name = matchAt(NAME, line, 0)?.[0];
  if (name === undefined) return 'malformed-line';
  const start = matchAt(LABELS_START, line, name.length);
  const parsed =
    start === null
      ? { labels: NO_LABELS, end: name.length }
      : parseLabels(line, name.length + start[0].length);
  if (typeof parsed === 'string') return parsed;
  const value = matchAt(REST, line, parsed.end)?.[1];
  return value === undefined ? 'malformed-line' : { name, labels: parsed.labels, value };
}

type Labels = { readonly labels: ReadonlyMap<string, string>; readonly end: number };

/** From behind the opening brace to behind the closing one. */
function parseLabels(line: string, from: number): Labels | MetricsFaultCode {
  const labels = new Map<string, string>();
  for (let at = from; ;) {
    const end = matchAt(LABELS_END, line, at);
    if (end !== null) return { labels, end: at + end[0].length };
    const match = matchAt(LABEL, line, at);
    if (match === null) return 'malformed-labels';
    const [whole, name, text] = match;
    const value = unescaped(text!);
    if (value === undefined) return 'malformed-labels';
    if (labels.has(name!)) return 'repeated-label';
    if (labels.size === LABELS_MAX) return 'too-many-labels';
    if (Math.max(name!.length, value.length) > LABEL_CHARACTERS_MAX) return 'label-too-long';
    labels.set(name!, value);
    at += whole.length;
  }
}

/** Undefined if it has an escape that the format does not have. */
function unescaped(text: string): string | undefined {
  const escapes = text.match(ESCAPE) ?? [];
  if (!escapes.every((escape) => ESCAPED.has(escape))) return undefined;
  return text.replace(ESCAPE, (escape) => ESCAPED.get(escape)!);
}

/** The pattern must be sticky. */
function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}
