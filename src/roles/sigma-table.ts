/**
 * The table of sigmas that network.yaml names by its digest (privacy.sigmas_digest): JSON of names and sigmas in one form,
 * so that the same sigmas always have the same digest.
 */
import { canonicalJson } from '../protocol/canonical-json.js';
import { type SigmaFloor } from '../protocol/check-plan.js';

export function encodeSigmaTable(sigmas: ReadonlyMap<string, number>): Uint8Array {
  return new TextEncoder().encode(canonicalJson(Object.fromEntries(sigmas)));
}

/** The table; undefined if these bytes are none. They have the digest that network.yaml names, so this is its maker's fault. */
export function decodeSigmaTable(bytes: Uint8Array): SigmaFloor {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const entries = Object.entries(json);
  const isTable = entries.every((entry): entry is [string, number] => typeof entry[1] === 'number');
  return isTable ? new Map(entries) : undefined;
}
