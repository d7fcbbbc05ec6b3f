/**
 * What the client says to a relay, and in which order (spec/tor-control.md, "Dialogue of a collection"). Commands may be
 * sent without waiting, and replies come in order, so a session keeps the commands it has sent as the replies it expects.
 */
import { toHex } from '../../core/hex.js';
import { toTrafficModelArgument } from './traffic-model-argument.js';

export type Command =
  | { readonly kind: 'protocol-info' }
  | { readonly kind: 'challenge'; readonly clientNonce: Uint8Array }
  /** The line holds a proof or a password, so it is made where it is sent and kept nowhere. */
  | { readonly kind: 'authenticate'; readonly by: 'cookie' | 'password' | 'nothing' }
  | { readonly kind: 'set-events'; readonly events: readonly string[] }
  | { readonly kind: 'set-option'; readonly name: string; readonly value: string }
  | { readonly kind: 'get-option'; readonly name: string }
  | { readonly kind: 'get-info'; readonly name: string }
  /** The line holds a client's address, so it is made where it is sent and kept nowhere. */
  | { readonly kind: 'get-country' }
  /** `model` is JSON; undefined takes the model away. */
  | { readonly kind: 'set-traffic-model'; readonly model: string | undefined }
  | { readonly kind: 'quit' };

/** Options of PrivCount's tor. */
export const ENABLE = 'EnablePrivCount';
export const SAMPLE_RATE = 'PrivCountCircuitSampleRate';
export const CELL_EVENTS_MAX = 'PrivCountMaxCellEventsPerCircuit';
/** While it is 0, a HUP does not read torrc again, which would turn PrivCount off. */
const RELOAD_ON_HUP = '__ReloadTorrcOnSIGHUP';

/** What the counters of a round need from the relay. */
export type CountRequest = {
  /** Names of events, such as PRIVCOUNT_STREAM_ENDED; none if no counter needs any. */
  readonly events: readonly string[];
  /** The part of the circuits that are reported, 0 to 1. */
  readonly circuitSampleRate: number;
  /** Negative means no limit. */
  readonly maxCellEventsPerCircuit: number;
  /** JSON text; undefined if the round has no traffic model. */
  readonly trafficModel: string | undefined;
  /** Whether each client's country is to be asked for, and added to its ORCONN line. */
  readonly asksCountries?: boolean;
};

/** Of the names of events that only PrivCount's tor has. */
export const PATCHED_START = 'PRIVCOUNT_';

/** Whether it takes PrivCount's tor: if not, nothing of PrivCount is asked for or set. */
export function needsPatch({ events, trafficModel }: CountRequest): boolean {
  return trafficModel !== undefined || events.some((event) => event.startsWith(PATCHED_START));
}

export type SampledSettings = Pick<CountRequest, 'circuitSampleRate' | 'maxCellEventsPerCircuit'>;

/** What tor does unless told otherwise. */
export const DEFAULT_SETTINGS: SampledSettings = { circuitSampleRate: 1, maxCellEventsPerCircuit: -1 };

/** The command without its line end. */
export function renderCommand(command: Exclude<Command, { kind: 'authenticate' | 'get-country' }>): string {
  switch (command.kind) {
    case 'protocol-info':
      return 'PROTOCOLINFO 1';
    case 'challenge':
      return `AUTHCHALLENGE SAFECOOKIE ${toHex(command.clientNonce).toUpperCase()}`;
    case 'set-events':
      return ['SETEVENTS', ...command.events].join(' ');
    case 'set-option':
      return `SETCONF ${command.name}=${command.value}`;
    case 'get-option':
      return `GETCONF ${command.name}`;
    case 'get-info':
      return `GETINFO ${command.name}`;
    case 'set-traffic-model':
      return command.model === undefined
        ? 'SET_TMODEL FALSE'
        : `SET_TMODEL TRUE ${toTrafficModelArgument(command.model)}`;
    case 'quit':
      return 'QUIT';
  }
}

function setOption(name: string, value: string): Command {
  return { kind: 'set-option', name, value };
}

/** Tor's own way to write 1 is kept, so that a dialogue reads like PrivCount's. */
function renderRate(rate: number): string {
  return Number.isInteger(rate) ? rate.toFixed(1) : String(rate);
}

/** First words after authentication. Nothing of them changes what an unmodified tor does, or is refused with a warning in its log. */
export function discoveryCommands(): Command[] {
  const options = ['Nickname', 'ORPort', 'DirPort', 'GeoIPFile', 'GeoIPv6File'];
  const infos = ['version', 'address', 'privcount-version', 'fingerprint'];
  return [
    { kind: 'set-events', events: [] },
    ...options.map((name): Command => ({ kind: 'get-option', name })),
    ...infos.map((name): Command => ({ kind: 'get-info', name })),
  ];
}

/** A relay that turns out to be patched: whatever an earlier client left behind is undone. */
export function patchedDiscoveryCommands(mayUseSetconf: boolean): Command[] {
  return [
    ...(mayUseSetconf ? [setOption(ENABLE, '0'), setOption(RELOAD_ON_HUP, '1')] : []),
    { kind: 'set-traffic-model', model: undefined },
    { kind: 'get-option', name: SAMPLE_RATE },
    { kind: 'get-option', name: CELL_EVENTS_MAX },
  ];
}

/** Flags, address and ports of the relay in the consensus. */
export function statusCommand(fingerprint: string): Command {
  return { kind: 'get-info', name: `ns/id/${fingerprint}` };
}

/** Sets the settings to `values`, those that are not tor's own in `settings`. */
function settingCommands(settings: SampledSettings, values: SampledSettings): Command[] {
  const isSampled = settings.circuitSampleRate !== DEFAULT_SETTINGS.circuitSampleRate;
  const isLimited = settings.maxCellEventsPerCircuit >= 0;
  return [
    ...(isSampled ? [setOption(SAMPLE_RATE, renderRate(values.circuitSampleRate))] : []),
    ...(isLimited ? [setOption(CELL_EVENTS_MAX, String(values.maxCellEventsPerCircuit))] : []),
  ];
}

/** Puts the settings back that differ from tor's own. */
export function resetCommands(settings: SampledSettings): Command[] {
  return settingCommands(settings, DEFAULT_SETTINGS);
}

/** Events come last: when they are agreed to, all before them was. */
export function enableCommands(request: CountRequest, mayUseSetconf: boolean): Command[] {
  const { trafficModel: model, events } = request;
  if (!needsPatch(request)) return [{ kind: 'set-events', events }];
  const settings = [
    setOption(RELOAD_ON_HUP, '0'),
    ...settingCommands(request, request),
    setOption(ENABLE, '1'),
  ];
  return [
    ...(mayUseSetconf ? settings : []),
    { kind: 'get-option', name: ENABLE },
    ...(model === undefined ? [] : [{ kind: 'set-traffic-model', model } as const]),
    { kind: 'set-events', events },
  ];
}

/** Events come first, so that nothing is reported under other settings. */
export function disableCommands(request: CountRequest, mayUseSetconf: boolean): Command[] {
  const noEvents: Command = { kind: 'set-events', events: [] };
  if (!needsPatch(request)) return [noEvents];
  const options = [setOption(ENABLE, '0'), ...resetCommands(request), setOption(RELOAD_ON_HUP, '1')];
  return [noEvents, ...(mayUseSetconf ? options : []), { kind: 'set-traffic-model', model: undefined }];
}
