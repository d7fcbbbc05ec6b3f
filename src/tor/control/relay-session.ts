/**
 * The relay's side of a control connection, for `inject` and for tests. It answers what a collector asks, word for word
 * like tor 0.3.2.10 with PrivCount's patch, or tor 0.4.9.11 without it, in the recorded dialogues; what else tor can do is an
 * unrecognized command.
 *
 *     unauthenticated --- AUTHENTICATE with the right secret --> authenticated
 *           | anything but PROTOCOLINFO (once), AUTHCHALLENGE,         | QUIT
 *           | AUTHENTICATE, QUIT; a wrong secret                       |
 *           '--------------------------> closed <----------------------'
 */
import { ENABLE, PATCHED_START } from './commands.js';
import { COUNTRY_KEY, countryLine } from './relay-countries.js';
import {
  answerAuthChallenge,
  authenticationRefusal,
  protocolInfoLines,
  type RelayPrimitives,
} from './relay-authentication.js';
import { getOptions, isOn, type RelayOptions, setOptions } from './relay-options.js';
import { type RelayProfile } from './relay-profile.js';
import { isTrafficModelArgument } from './traffic-model-argument.js';

/** The longest command that tor reads (MAX_COMMAND_LINE_LENGTH); a traffic model can come near it. */
export const COMMAND_BYTES_MAX = 1 << 20;

export type RelayState = {
  readonly phase: 'unauthenticated' | 'authenticated' | 'closed';
  readonly hasToldProtocol: boolean;
  /** What AUTHENTICATE must hold after AUTHCHALLENGE. */
  readonly clientProof: Uint8Array | undefined;
  readonly options: RelayOptions;
  /** Names given by the last SETEVENTS, in upper case. */
  readonly events: ReadonlySet<string>;
};

/** `lines` go to the client, without their ends; the connection ends after them if the phase is `closed`. */
export type RelayStep = { readonly state: RelayState; readonly lines: readonly string[] };

export function startRelay(profile: RelayProfile): RelayState {
  return {
    phase: 'unauthenticated',
    hasToldProtocol: false,
    clientProof: undefined,
    options: profile.options,
    events: new Set(),
  };
}

/** The events that the client is to get now. */
export function reportedEvents(state: RelayState): ReadonlySet<string> {
  if (state.phase !== 'authenticated') return new Set();
  if (isOn(state.options, ENABLE)) return state.events;
  return new Set([...state.events].filter((name) => !name.startsWith(PATCHED_START)));
}

/** Pure but for the nonce that `primitives` draws. `line` is latin1, without its end. */
export function stepRelay(
  profile: RelayProfile,
  primitives: RelayPrimitives,
  state: RelayState,
  line: string,
): RelayStep {
  if (state.phase === 'closed') return { state, lines: [] };
  const [command = '', ...rest] = line.trim().split(' ');
  const argument = rest.join(' ').trim();
  switch (command.toUpperCase()) {
    case 'PROTOCOLINFO':
      return stepProtocolInfo(profile, state);
    case 'AUTHCHALLENGE':
      return stepChallenge(profile, primitives, state, argument);
    case 'AUTHENTICATE':
      return stepAuthenticate(profile, primitives, state, argument);
    case 'QUIT':
      return closed(state, '250 closing connection');
  }
  return state.phase === 'authenticated'
    ? stepCommand(profile, state, command, argument)
    : closed(state, '514 Authentication required.');
}

function closed(state: RelayState, line: string): RelayStep {
  return { state: { ...state, phase: 'closed', clientProof: undefined }, lines: [line] };
}

function stepProtocolInfo(profile: RelayProfile, state: RelayState): RelayStep {
  if (state.phase === 'unauthenticated' && state.hasToldProtocol) {
    return closed(state, '514 Authentication required.');
  }
  return {
    state: { ...state, hasToldProtocol: true },
    lines: protocolInfoLines(profile.authentication, profile.version),
  };
}

function stepChallenge(
  profile: RelayProfile,
  primitives: RelayPrimitives,
  state: RelayState,
  argument: string,
): RelayStep {
  const answer = answerAuthChallenge(argument.split(' '), profile.authentication, primitives);
  return answer.kind === 'refused'
    ? closed(state, answer.line)
    : { state: { ...state, clientProof: answer.clientProof }, lines: [answer.line] };
}

function stepAuthenticate(
  profile: RelayProfile,
  primitives: RelayPrimitives,
  state: RelayState,
  argument: string,
): RelayStep {
  const attempt = { argument, clientProof: state.clientProof };
  const refusal = authenticationRefusal(attempt, profile.authentication, primitives);
  if (refusal !== undefined) return closed(state, refusal);
  return { state: { ...state, phase: 'authenticated', clientProof: undefined }, lines: ['250 OK'] };
}

function stepCommand(profile: RelayProfile, state: RelayState, command: string, argument: string): RelayStep {
  switch (command.toUpperCase()) {
    case 'GETCONF':
      return { state, lines: argument === '' ? ['250 OK'] : getOptions(state.options, argument.split(' ')) };
    case 'SETCONF': {
      const result = setOptions(state.options, argument);
      return result.kind === 'refused'
        ? { state, lines: [result.line] }
        : { state: { ...state, options: result.options }, lines: ['250 OK'] };
    }
    case 'GETINFO':
      return { state, lines: getInfos(profile, argument) };
    case 'SETEVENTS':
      return stepSetEvents(profile, state, argument);
    case 'SET_TMODEL':
      if (!profile.isPatched) return unrecognized(state, command);
      return { state, lines: [answerTrafficModel(argument)] };
    default:
      return unrecognized(state, command);
  }
}

function unrecognized(state: RelayState, command: string): RelayStep {
  return { state, lines: [`510 Unrecognized command "${command}"`] };
}

function getInfos(profile: RelayProfile, argument: string): string[] {
  const lines: string[] = [];
  for (const name of argument.split(' ').filter((word) => word !== '')) {
    if (name === 'fingerprint' && !profile.isRelay) return ['551 Not running in server mode'];
    if (name.startsWith(COUNTRY_KEY)) {
      const answer = countryLine(name, profile.countries);
      if (answer.startsWith('5')) return [answer];
      lines.push(answer);
      continue;
    }
    const value = profile.infos.get(name);
    if (value === undefined) return [`552 Unrecognized key "${name}"`];
    if (typeof value === 'string') lines.push(`250-${name}=${value}`);
    else lines.push(`250+${name}=`, ...value.map((data) => (data.startsWith('.') ? `.${data}` : data)), '.');
  }
  return [...lines, '250 OK'];
}

function stepSetEvents(profile: RelayProfile, state: RelayState, argument: string): RelayStep {
  const names = argument.split(' ').filter((word) => word !== '');
  const unknown = names.find((name) => !profile.events.has(name.toUpperCase()));
  if (unknown !== undefined) return { state, lines: [`552 Unrecognized event "${unknown}"`] };
  return { state: { ...state, events: new Set(names.map((name) => name.toUpperCase())) }, lines: ['250 OK'] };
}

function answerTrafficModel(argument: string): string {
  const [isWanted = '', ...model] = argument.split(' ');
  const isReadable = isWanted.toUpperCase() !== 'TRUE' || isTrafficModelArgument(model.join(' '));
  return isReadable ? '250 OK' : "551 Couldn't parse string";
}
