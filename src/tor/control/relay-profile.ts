/** What a relay that `inject` plays says of itself. */
import { EVENT_NAMES } from '../events/event-names.js';
import { CELL_EVENTS_MAX, ENABLE, SAMPLE_RATE } from './commands.js';

export type RelayOption = {
  readonly kind: 'text' | 'boolean' | 'rate' | 'integer';
  /** As GETCONF prints it; undefined if it is unset. */
  readonly value: string | undefined;
};

export type RelayAuthentication = {
  readonly cookie?: { readonly path: string; readonly bytes: Uint8Array };
  readonly password?: Uint8Array;
};

export type RelayProfile = {
  readonly authentication: RelayAuthentication;
  /** The version of tor, for PROTOCOLINFO. */
  readonly version: string;
  readonly options: ReadonlyMap<string, RelayOption>;
  /** Answers to GETINFO: a text, or the lines of a data block. */
  readonly infos: ReadonlyMap<string, string | readonly string[]>;
  readonly events: ReadonlySet<string>;
  /** Whether it has PrivCount's patch, and so knows SET_TMODEL. */
  readonly isPatched: boolean;
  /** What it says of an address; undefined if it has no geoip files. */
  readonly countries: ReadonlyMap<string, string> | undefined;
  /** False for a tor that runs as a client and so has no fingerprint. */
  readonly isRelay: boolean;
};

const TOR_VERSION = '0.2.8.6';
const PRIVCOUNT_VERSION = '3.0.0';
const ADDRESS = '192.0.2.91';
const FLAGS = 'Exit Fast Guard HSDir Running Stable V2Dir Valid';

/** Nobody's relay, and seen to be so: PrivCount's own injector uses this fingerprint. */
export const INJECTOR_FINGERPRINT = 'FACADE0000000000000000000123456789ABCDEF';
export const INJECTOR_NICKNAME = 'PrivCountTorRelay99';

/** A relay for each port, so that several on one machine are told apart; the port can be read off it. */
export function injectorFingerprint(port: number): string {
  return `FACADE${String(port).padStart(34, '0')}`;
}

function text(value: string | undefined): RelayOption {
  return { kind: 'text', value };
}

/**
 * The relay of spec/rounds.md, section 8. PrivCount counts as enabled from the start, as if torrc said so, so that a
 * collector without SETCONF finds what it needs.
 */
export function injectorProfile(
  names: { readonly fingerprint: string; readonly nickname: string },
  authentication: RelayAuthentication,
): RelayProfile {
  const { fingerprint, nickname } = names;
  return {
    authentication,
    version: TOR_VERSION,
    options: new Map<string, RelayOption>([
      ['Nickname', text(nickname)],
      ['ORPort', text('9001')],
      ['DirPort', text('9030')],
      ['GeoIPFile', text(undefined)],
      ['GeoIPv6File', text(undefined)],
      ['__ReloadTorrcOnSIGHUP', { kind: 'boolean', value: '1' }],
      [ENABLE, { kind: 'boolean', value: '1' }],
      [SAMPLE_RATE, { kind: 'rate', value: '1.000000' }],
      [CELL_EVENTS_MAX, { kind: 'integer', value: '-1' }],
    ]),
    infos: new Map<string, string | readonly string[]>([
      ['version', TOR_VERSION],
      ['address', ADDRESS],
      ['privcount-version', PRIVCOUNT_VERSION],
      ['fingerprint', fingerprint],
      ['events/names', EVENT_NAMES.join(' ')],
      [`ns/id/${fingerprint}`, [`s ${FLAGS}`]],
    ]),
    events: new Set(EVENT_NAMES),
    isPatched: true,
    countries: undefined,
    isRelay: true,
  };
}

const UNPATCHED_VERSION = '0.4.9.11';
/** What tor 0.4.9.11 says to GETINFO events/names. */
const UNPATCHED_EVENTS =
  'CIRC CIRC_MINOR STREAM ORCONN BW DEBUG INFO NOTICE WARN ERR NEWDESC ADDRMAP DESCCHANGED NS STATUS_GENERAL ' +
  'STATUS_CLIENT STATUS_SERVER GUARD STREAM_BW CLIENTS_SEEN NEWCONSENSUS BUILDTIMEOUT_SET SIGNAL CONF_CHANGED CONN_BW ' +
  'CELL_STATS CIRC_BW TRANSPORT_LAUNCHED HS_DESC HS_DESC_CONTENT NETWORK_LIVENESS';

/** The same relay as a tor of today, which nobody has patched (spec/tor-control.md, "Dialogue of a collection"). */
export function unpatchedProfile(
  names: { readonly fingerprint: string; readonly nickname: string },
  authentication: RelayAuthentication,
  countries?: ReadonlyMap<string, string>,
): RelayProfile {
  const patched = injectorProfile(names, authentication);
  const options = new Map(patched.options);
  for (const name of [ENABLE, SAMPLE_RATE, CELL_EVENTS_MAX]) options.delete(name);
  const infos = new Map(patched.infos);
  infos.delete('privcount-version');
  infos.set('version', UNPATCHED_VERSION).set('events/names', UNPATCHED_EVENTS);
  const events = new Set(UNPATCHED_EVENTS.split(' '));
  return { ...patched, version: UNPATCHED_VERSION, options, infos, events, isPatched: false, countries };
}
