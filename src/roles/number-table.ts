/**
 * The tables that network.yaml names by their digest: least sigmas (privacy.sigmas_digest) and sensitivities
 * (privacy.sensitivities_digest). JSON of names and numbers in one form, so that the same numbers always have the same
 * digest.
 */
import { canonicalJson } from '../protocol/canonical-json.js';

export function encodeNumberTable(numbers: ReadonlyMap<string, number>): Uint8Array {
  return new TextEncoder().encode(canonicalJson(Object.fromEntries(numbers)));
}

/**
 * The table; undefined if these bytes are none, or hold a number that is not above 0. They have the digest that network.yaml
 * names, so this is its maker's fault.
 */
export function decodeNumberTable(bytes: Uint8Array): ReadonlyMap<string, number> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const entries = Object.entries(json);
  const isTable = entries.every((entry): entry is [string, number] => isPositive(entry[1]));
  return isTable ? new Map(entries) : undefined;
}

/** A sigma or sensitivity of 0, or one that JSON makes infinite, would allow any noise at all. */
function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}
