/**
 * Which relays one collector may count at. Its noise weight was agreed on for the relays that network.yaml lists at it, so
 * no other relay's events may enter its report, nor those of one relay twice (spec/tor-control.md, "Failure").
 *
 * Only a control port shows a fingerprint. A metrics page does not, so nobody can tell whose page it is.
 */
import { type CollectorEntry } from '../core/network.js';
import { type ControlFault } from '../tor/control/control-fault.js';

export class RelayIdentities {
  readonly #own: CollectorEntry;
  /** By fingerprint, the collector that lists it. */
  readonly #listedAt: ReadonlyMap<string, string>;
  /** By source, the relay that it led to first: a relay keeps its keys for as long as it is that relay. */
  readonly #seen = new Map<string, string>();

  /** `own` is one of `collectors`, all that network.yaml names. */
  constructor(collectors: readonly CollectorEntry[], own: CollectorEntry) {
    this.#own = own;
    this.#listedAt = new Map(
      collectors.flatMap(({ name, fingerprints }) => fingerprints.map((relay) => [relay, name] as const)),
    );
  }

  /** Undefined if `source` may count at the relay, and then at no other. `relay` is 40 upper-case digits. */
  check(source: string, relay: string): ControlFault | undefined {
    const before = this.#seen.get(source);
    if (before !== undefined && before !== relay) {
      return { code: 'fingerprint-changed', detail: `it was ${before}, now it is ${relay}` };
    }
    const collector = this.#listedAt.get(relay);
    if (collector === undefined) return { code: 'fingerprint-unlisted', detail: this.#lineFor(relay) };
    if (collector !== this.#own.name) {
      return { code: 'fingerprint-of-another', detail: `${relay} is the relay of ${collector}` };
    }
    const twin = [...this.#seen].find(([other, seen]) => seen === relay && other !== source);
    if (twin !== undefined) return { code: 'fingerprint-twice', detail: `${relay} is at ${twin[0]} too` };
    this.#seen.set(source, relay);
    return undefined;
  }

  /** What network.yaml has to say, and where. */
  #lineFor(relay: string): string {
    const { name, fingerprints } = this.#own;
    const value = fingerprints.length === 0 ? relay : `[${[...fingerprints, relay].join(', ')}]`;
    return `at ${name}: "fingerprint: ${value}"`;
  }
}
