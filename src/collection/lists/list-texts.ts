/** The kinds of match lists, and the reading of one list of each kind. */
import { readAsFile, toAsListText } from './as-file.js';
import { readDomainFile } from './domain-file.js';
import { type ListFindings } from './list-file.js';
import { type Names, toListText } from './names.js';
import { readOnionFile } from './onion-file.js';
import { readCountryFile, readReasonFile } from './word-files.js';

export type NameListKind =
  'domains' | 'countries' | 'hsdirStores' | 'hsdirFetches' | 'circuitFailures' | 'onionAddresses';
export type ListKind = NameListKind | 'autonomousSystems';

export const NAME_READERS: Readonly<
  Record<NameListKind, (bytes: Uint8Array) => { readonly names: Names } & ListFindings>
> = {
  domains: readDomainFile,
  countries: readCountryFile,
  hsdirStores: readReasonFile,
  hsdirFetches: readReasonFile,
  circuitFailures: readReasonFile,
  onionAddresses: readOnionFile,
};

/**
 * The form in which a list travels and of which its digest is taken: its items alone, one a line, as they are matched. It
 * is a list file too. Files of AS prefixes travel as they are.
 */
export function toCanonicalList(
  kind: ListKind,
  bytes: Uint8Array,
): { readonly text: Uint8Array } & ListFindings {
  if (kind === 'autonomousSystems') {
    const { numbers, faults, warnings } = readAsFile(bytes);
    return { text: toAsListText(numbers), faults, warnings };
  }
  const { names, faults, warnings } = NAME_READERS[kind](bytes);
  return { text: toListText(names), faults, warnings };
}
