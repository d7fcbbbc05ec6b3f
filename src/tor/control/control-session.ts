/**
 * The client's side of a control connection (spec/tor-control.md, "Dialogue of a collection").
 *
 *     opening --> authenticating --> discovering --> waiting <---------------- disabling
 *                                                       | count                    ^
 *                                                       v                          | stop-counting, or count
 *                                                    enabling --> counting --------+ with another request
 *                                                       '--------------------------'
 *
 *     each of them --- a refusal, garbage, silence, close --> closed
 *
 * Commands of a phase go out together, and the phase ends with the last reply. Events count in `counting` only, which
 * begins when tor has agreed to SETEVENTS, the last command of enabling: by then all that went before was agreed to.
 * Whatever closes the connection while PrivCount may be on undoes it first, without waiting for replies. What is undone
 * at the end is undone again after the next connection, because the end may not have been heard.
 */
import {
  stepAuthenticationInput,
  stepAuthenticationReply,
  type AuthenticationStep,
} from './authentication.js';
import {
  type Command,
  type CountRequest,
  disableCommands,
  discoveryCommands,
  enableCommands,
  renderCommand,
  statusCommand,
} from './commands.js';
import { type ControlFault } from './control-fault.js';
import {
  type AuthenticatingState,
  type ControlEffect,
  type ControlInput,
  type ControlOptions,
  type ControlState,
  type ControlStep,
  type CountingState,
  type DisablingState,
  type DiscoveringState,
  type EnablingState,
  type WaitingState,
} from './control-state.js';
import { countryOf } from './country-reply.js';
import { stepDiscoveryReply } from './discovery.js';
import { enablingFault, settingsFault } from './enabling.js';
import { flagsOf, type RelayContext } from './relay-context.js';
import { type Reply } from './reply-reader.js';

export function startControl(): ControlState {
  return { phase: 'opening', pending: [], wanted: undefined };
}

/** Pure if `checkRelay` is; a closed connection takes every input and stays closed. */
export function stepControl(options: ControlOptions, state: ControlState, input: ControlInput): ControlStep {
  if (state.phase === 'closed') return unchanged(state);
  switch (input.kind) {
    case 'opened':
      return state.phase === 'opening' ? stepOpened(state) : unchanged(state);
    case 'reply':
      return stepReply(options, state, input.reply);
    case 'cookie-read':
    case 'cookie-unreadable':
    case 'challenge-answered':
    case 'challenge-false':
      return state.phase === 'authenticating'
        ? afterAuthentication(options, state, stepAuthenticationInput(state, input, options))
        : unchanged(state);
    case 'count':
      return stepCount(options, state, input.request);
    case 'stop-counting':
      return stepStop(options, state);
    case 'ask-status':
      return state.phase === 'waiting' || state.phase === 'counting' ? askStatus(state) : unchanged(state);
    case 'ask-country':
      return state.phase === 'counting' ? askCountry(state) : unchanged(state);
    case 'fault':
      return fail(options, state, input.fault);
    case 'close':
      return close(options, state, []);
  }
}

function unchanged(state: ControlState): ControlStep {
  return { state, effects: [] };
}

function sendAll(commands: readonly Command[]): ControlEffect[] {
  return commands.flatMap((command) =>
    command.kind === 'authenticate' || command.kind === 'get-country'
      ? []
      : [{ kind: 'send', line: renderCommand(command) } as const],
  );
}

function stepOpened(state: ControlState): ControlStep {
  const pending: readonly Command[] = [{ kind: 'protocol-info' }];
  return {
    state: { phase: 'authenticating', pending, wanted: state.wanted },
    effects: sendAll(pending),
  };
}

/** PrivCount's settings go back to what they were, then the connection ends. */
function close(options: ControlOptions, state: ControlState, first: readonly ControlEffect[]): ControlStep {
  const isOn = state.phase === 'enabling' || state.phase === 'counting';
  const undo = isOn ? disableCommands(state.request, options.mayUseSetconf) : [];
  const isTalking = state.phase !== 'opening' && state.phase !== 'authenticating';
  const quit: readonly Command[] = isTalking ? [{ kind: 'quit' }] : [];
  return {
    state: { phase: 'closed', pending: [], wanted: undefined },
    effects: [...first, ...sendAll([...undo, ...quit]), { kind: 'hang-up' }],
  };
}

function fail(options: ControlOptions, state: ControlState, fault: ControlFault): ControlStep {
  return close(options, state, [{ kind: 'fail', fault }]);
}

function stepReply(options: ControlOptions, state: ControlState, reply: Reply): ControlStep {
  const [command, ...pending] = state.pending;
  if (command === undefined) return fail(options, state, { code: 'unexpected-reply' });
  if (reply.code === 514) return fail(options, state, { code: 'authentication-required' });
  switch (state.phase) {
    case 'authenticating': {
      const next = { ...state, pending };
      return afterAuthentication(options, next, stepAuthenticationReply(next, command, reply, options));
    }
    case 'discovering':
      return afterDiscovery(options, { ...state, pending }, command, reply);
    case 'waiting':
      return withFlags({ ...state, pending }, reply);
    case 'counting':
      return afterQuestion({ ...state, pending }, command, reply);
    case 'enabling':
      return afterEnabling(options, { ...state, pending }, command, reply);
    case 'disabling':
      return afterDisabling(options, { ...state, pending });
    case 'opening':
    case 'closed':
      return unchanged(state);
  }
}

function afterAuthentication(
  options: ControlOptions,
  state: AuthenticatingState,
  step: AuthenticationStep,
): ControlStep {
  switch (step.kind) {
    case 'go-on':
      return { state: step.state, effects: step.effects };
    case 'fail':
      return fail(options, state, { code: step.code });
    case 'done': {
      const pending = discoveryCommands();
      return {
        state: { phase: 'discovering', pending, wanted: state.wanted, found: {} },
        effects: sendAll(pending),
      };
    }
  }
}

function afterDiscovery(
  options: ControlOptions,
  state: DiscoveringState,
  command: Command,
  reply: Reply,
): ControlStep {
  const step = stepDiscoveryReply(state.found, command, reply, options);
  if (step.kind === 'fail') return fail(options, state, step.fault);
  const pending = [...state.pending, ...step.commands];
  const effects = sendAll(step.commands);
  const { found } = step;
  if (pending.length > 0) return { state: { ...state, pending, found }, effects };
  const { fingerprint } = found;
  if (fingerprint === undefined) return fail(options, state, { code: 'fingerprint-malformed' });
  const context: RelayContext = { orPorts: [], dirPorts: [], flags: undefined, ...found, fingerprint };
  return wait(options, { phase: 'waiting', pending, wanted: state.wanted, context }, [
    { kind: 'tell-context', context },
  ]);
}

/** The connection is idle: counting begins at once if it is wanted. */
function wait(options: ControlOptions, state: WaitingState, effects: readonly ControlEffect[]): ControlStep {
  const request = state.wanted;
  if (request === undefined) return { state, effects };
  const step = enable(options, state, request);
  return { state: step.state, effects: [...effects, ...step.effects] };
}

function enable(options: ControlOptions, state: WaitingState, request: CountRequest): ControlStep {
  const fault = settingsFault(state.context, request, options);
  if (fault !== undefined) return fail(options, state, fault);
  const commands = enableCommands(request, options.mayUseSetconf);
  const pending = [...state.pending, ...commands];
  return {
    state: { phase: 'enabling', pending, wanted: request, context: state.context, request },
    effects: sendAll(commands),
  };
}

function afterEnabling(
  options: ControlOptions,
  state: EnablingState,
  command: Command,
  reply: Reply,
): ControlStep {
  if (command.kind === 'get-info') return withFlags(state, reply);
  const fault = enablingFault(command, reply);
  if (fault !== undefined) return fail(options, state, fault);
  if (state.pending.length > 0) return { state, effects: [] };
  return { state: { ...state, phase: 'counting' }, effects: [] };
}

/** Whatever a relay answers here, there is nothing more to be done. */
function afterDisabling(options: ControlOptions, state: DisablingState): ControlStep {
  if (state.pending.length > 0) return { state, effects: [] };
  return wait(options, { ...state, phase: 'waiting' }, []);
}

function askStatus(state: WaitingState | CountingState): ControlStep {
  const command = statusCommand(state.context.fingerprint);
  return { state: { ...state, pending: [...state.pending, command] }, effects: sendAll([command]) };
}

/** Questions are asked one after the other, and answered in this order. */
function askCountry(state: CountingState): ControlStep {
  return {
    state: { ...state, pending: [...state.pending, { kind: 'get-country' }] },
    effects: [{ kind: 'send-country-question' }],
  };
}

function afterQuestion(state: CountingState, command: Command, reply: Reply): ControlStep {
  return command.kind === 'get-country'
    ? { state, effects: [{ kind: 'tell-country', country: countryOf(reply) }] }
    : withFlags(state, reply);
}

function withFlags(state: WaitingState | CountingState | EnablingState, reply: Reply): ControlStep {
  const context: RelayContext = { ...state.context, flags: flagsOf(reply) };
  return { state: { ...state, context }, effects: [{ kind: 'tell-context', context }] };
}

function stepCount(options: ControlOptions, state: ControlState, request: CountRequest): ControlStep {
  const wanted = { ...state, wanted: request };
  switch (wanted.phase) {
    case 'waiting':
      return enable(options, wanted, request);
    case 'enabling':
    case 'counting':
      return disable(options, wanted);
    case 'opening':
    case 'authenticating':
    case 'discovering':
    case 'disabling':
    case 'closed':
      return { state: wanted, effects: [] };
  }
}

function stepStop(options: ControlOptions, state: ControlState): ControlStep {
  const unwanted = { ...state, wanted: undefined };
  return unwanted.phase === 'enabling' || unwanted.phase === 'counting'
    ? disable(options, unwanted)
    : { state: unwanted, effects: [] };
}

function disable(options: ControlOptions, state: EnablingState | CountingState): ControlStep {
  const commands = disableCommands(state.request, options.mayUseSetconf);
  const { context, wanted } = state;
  return {
    state: { phase: 'disabling', pending: [...state.pending, ...commands], wanted, context },
    effects: sendAll(commands),
  };
}
