/** What a network on one machine is to be like. */

export type MatchListKey =
  | 'domain_files'
  | 'country_files'
  | 'as_files'
  | 'hsdir_store_files'
  | 'hsdir_fetch_files'
  | 'circuit_failure_files'
  | 'onion_address_files';

export type LocalNetworkOptions = {
  readonly name: string;
  readonly keepers: number;
  readonly threshold: number;
  readonly collectors: number;
  readonly minCollectors: number;
  /** How many collectors' noise may be missing without harm. */
  readonly toleratedLost: number;
  readonly tallyPort: number;
  /** Of each collector's relay. */
  readonly controlPorts: readonly number[];
  /** Of each collector's relay; empty if they are not known yet. */
  readonly fingerprints: readonly string[];
  /** Keys that anybody can compute. */
  readonly isTest: boolean;
  readonly isNoiseOff: boolean;
  readonly counters: string;
  /** A noise file, from which the tally allocates sigmas, or a file of sigmas. */
  readonly noise: { readonly kind: 'noise' | 'sigmas'; readonly file: string };
  /** Files of match lists, by the key of config.yaml that names them. */
  readonly lists: Readonly<Partial<Record<MatchListKey, readonly string[]>>>;
  readonly asPrefixFiles?: readonly [ipv4: string, ipv6: string];
  /** A traffic model, and the noise file of its counters, which there must be where there is noise. */
  readonly trafficModel?: string;
  readonly trafficNoise?: string;
  /** Whether the tally serves its page, and at which port of the loopback. */
  readonly roomPort?: number;
  /** Seconds. */
  readonly collectPeriod: number;
  readonly noisePeriod: number;
  readonly settlePeriod: number;
  readonly phaseTimeout: number;
  readonly rounds: number;
};

/** Names and folders of the nodes. */
export function nodeNames({ keepers, collectors }: { keepers: number; collectors: number }) {
  const numbered = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${kind}-${at + 1}`);
  return { keepers: numbered('keeper', keepers), collectors: numbered('collector', collectors) };
}
