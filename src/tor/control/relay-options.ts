/** GETCONF and SETCONF on the relay's side: options have canonical names, and a SETCONF that has a fault sets nothing. */
import { parseQuotedBytes } from './quoted-string.js';
import { type RelayOption } from './relay-profile.js';

export type RelayOptions = ReadonlyMap<string, RelayOption>;

const INTEGER_FORM = /^-?\d{1,10}$/;
const decoder = new TextDecoder();

function canonicalName(options: RelayOptions, name: string): string | undefined {
  const lower = name.toLowerCase();
  return [...options.keys()].find((known) => known.toLowerCase() === lower);
}

export function getOptions(options: RelayOptions, names: readonly string[]): string[] {
  const known = names.map((name) => canonicalName(options, name));
  const unknownAt = known.indexOf(undefined);
  if (unknownAt >= 0) return [`552 Unrecognized configuration key "${names[unknownAt]!}"`];
  return known.map((name, at) => {
    const value = options.get(name!)?.value;
    const mark = at === known.length - 1 ? ' ' : '-';
    return `250${mark}${name!}${value === undefined ? '' : `=${value}`}`;
  });
}

/** `name=value` or `name` (back to unset), the value perhaps quoted; undefined where the line is none of these. */
function parseAssignments(
  argument: string,
): (readonly [name: string, value: string | undefined])[] | undefined {
  const assignments: (readonly [string, string | undefined])[] = [];
  let at = 0;
  while (at < argument.length) {
    const name = /^[A-Za-z0-9_]+/.exec(argument.slice(at))?.[0];
    if (name === undefined) return undefined;
    at += name.length;
    if (argument.charAt(at) !== '=') {
      assignments.push([name, undefined]);
    } else {
      const quoted = parseQuotedBytes(argument, at + 1);
      const value =
        quoted === undefined ? /^[^ ]*/.exec(argument.slice(at + 1))![0] : decoder.decode(quoted.bytes);
      at = quoted?.end ?? at + 1 + value.length;
      assignments.push([name, value]);
    }
    if (at < argument.length && argument.charAt(at) !== ' ') return undefined;
    at += 1;
  }
  return assignments;
}

/** The value as GETCONF prints it, or why tor does not take it. */
function checkValue(
  name: string,
  kind: RelayOption['kind'],
  value: string,
): { value: string } | { fault: string } {
  switch (kind) {
    case 'text':
      return { value };
    case 'boolean':
      return value === '0' || value === '1'
        ? { value }
        : { fault: `Boolean '${name} ${value}' expects 0 or 1.` };
    case 'integer':
      return INTEGER_FORM.test(value) ? { value } : { fault: `Int keyword '${name} ${value}' is malformed.` };
    case 'rate': {
      const rate = Number(value);
      return value !== '' && rate >= 0 && rate <= 1
        ? { value: rate.toFixed(6) }
        : { fault: `${name} must be between 0.0 and 1.0.` };
    }
  }
}

export type SetResult =
  | { readonly kind: 'set'; readonly options: RelayOptions }
  | { readonly kind: 'refused'; readonly line: string };

export function setOptions(options: RelayOptions, argument: string): SetResult {
  const assignments = parseAssignments(argument);
  if (assignments === undefined) return { kind: 'refused', line: "551 Couldn't parse string" };
  const next = new Map(options);
  for (const [given, text] of assignments) {
    const name = canonicalName(options, given);
    if (name === undefined) {
      return { kind: 'refused', line: `552 Unrecognized option: Unknown option '${given}'.  Failing.` };
    }
    const { kind } = options.get(name)!;
    const checked = text === undefined ? { value: undefined } : checkValue(name, kind, text);
    if ('fault' in checked) {
      return { kind: 'refused', line: `513 Unacceptable option value: ${checked.fault}` };
    }
    next.set(name, { kind, value: checked.value });
  }
  return { kind: 'set', options: next };
}

/** Whether the option is on. */
export function isOn(options: RelayOptions, name: string): boolean {
  return options.get(name)?.value === '1';
}
