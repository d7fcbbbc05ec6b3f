/** Whether enough nodes are there for a round, in words that an operator can act on. */
import { type Network } from '../core/network.js';
import { type Peer } from './peers.js';

export type Readiness = {
  /** What a round can't do without; undefined if enough nodes are there. */
  readonly needed: string | undefined;
  /** Nodes of network.yaml that are not there or not ready. */
  readonly absent: readonly string[];
};

export function waitingFor(network: Network, peers: readonly Peer[]): Readiness {
  const ready = new Set(peers.flatMap(({ name, status }) => (status?.isReady === true ? [name] : [])));
  const absentKeepers = network.keepers.filter(({ name }) => !ready.has(name)).map(({ name }) => name);
  const absentCollectors = network.collectors.filter(({ name }) => !ready.has(name)).map(({ name }) => name);
  const keepersNeeded = network.threshold - (network.keepers.length - absentKeepers.length);
  const collectorsNeeded = network.minCollectors - (network.collectors.length - absentCollectors.length);
  const needed = [
    ...shortage(keepersNeeded, 'share keepers', absentKeepers),
    ...shortage(collectorsNeeded, 'data collectors', absentCollectors),
  ];
  return {
    needed: needed.length === 0 ? undefined : needed.join(' and '),
    absent: [...absentKeepers, ...absentCollectors],
  };
}

function shortage(missing: number, what: string, absent: readonly string[]): string[] {
  return missing <= 0 ? [] : [`${missing} more ${what}, of ${someNames(absent)}`];
}

/** Names are cut after a few: thousands of collectors may be missing. */
export function someNames(names: readonly string[]): string {
  const NAMES_SHOWN = 10;
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} others` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}
