/** What differs between two readings of a configuration, for the log of a node that has read it again. */
import { showValue } from './config-error.js';

export type ConfigChange = {
  /** As in the typed configuration, with dots where maps are within maps. */
  readonly key: string;
  readonly old: string;
  readonly new: string;
};

/** Paths and numbers may be shown; a configuration holds no secret, but names the files that do. */
type Value = unknown;

/**
 * Every value that is not the same, in the order of the old configuration's keys, then of new ones. Functions and what is
 * long are told by their kind; a list is one value. Answers nothing for equal configurations.
 */
export function configChanges(old: object, young: object): ConfigChange[] {
  return changesBelow('', old, young);
}

function changesBelow(prefix: string, old: object, young: object): ConfigChange[] {
  const before = old as Readonly<Record<string, Value>>;
  const after = young as Readonly<Record<string, Value>>;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const [was, is] = [before[key], after[key]];
    if (isMap(was) && isMap(is)) return changesBelow(path, was, is);
    if (isSame(was, is)) return [];
    return [{ key: path, old: show(was), new: show(is) }];
  });
}

/** Of a plain object; lists and regular expressions are values. */
function isMap(value: Value): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isSame(one: Value, other: Value): boolean {
  if (one instanceof RegExp && other instanceof RegExp) return String(one) === String(other);
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  if (isMap(one) && isMap(other)) return changesBelow('', one, other).length === 0;
  return Object.is(one, other);
}

function show(value: Value): string {
  if (value === undefined) return 'nothing';
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return value.join(', ');
  return showValue(value) ?? 'nothing';
}
