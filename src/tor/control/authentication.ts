/**
 * The first phase of a control connection (spec/tor-control.md, "Authentication"). Order of preference: SAFECOOKIE if
 * the cookie can be read, the password if there is one, NULL with a warning.
 *
 *     PROTOCOLINFO --> read the cookie --> AUTHCHALLENGE --> check the relay's proof --> AUTHENTICATE proof ----.
 *          |               | unreadable, or SAFECOOKIE not offered                                             |
 *          '---------------'--> password configured and offered: AUTHENTICATE password -------------------------+--> discovering
 *                               | no                                                                           |
 *                               '--> NULL offered: AUTHENTICATE ------------------------------------------------'
 *
 * A relay whose proof is wrong gets no password either: it is not the relay that wrote the cookie file.
 */
import { fromHex } from '../../core/hex.js';
import { type Command, renderCommand } from './commands.js';
import { type ControlFaultCode } from './control-fault.js';
import {
  type AuthenticatingState,
  type ControlEffect,
  type ControlInput,
  type ControlOptions,
} from './control-state.js';
import { parseProtocolInfo, type ProtocolInfo } from './protocol-info.js';
import { type Reply } from './reply-reader.js';

export type AuthenticationStep =
  | {
      readonly kind: 'go-on';
      readonly state: AuthenticatingState;
      readonly effects: readonly ControlEffect[];
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly code: ControlFaultCode };

const CHALLENGE_FORM = /^AUTHCHALLENGE SERVERHASH=([0-9A-Fa-f]{64}) SERVERNONCE=([0-9A-Fa-f]{64})$/;

function expecting(
  state: AuthenticatingState,
  command: Command,
  effects: readonly ControlEffect[],
): AuthenticationStep {
  return { kind: 'go-on', state: { ...state, pending: [...state.pending, command] }, effects };
}

/** Without the cookie. `otherwise` is the fault if the relay offers nothing else that we have. */
function authenticateWithout(
  state: AuthenticatingState,
  info: ProtocolInfo,
  options: ControlOptions,
  otherwise: ControlFaultCode,
): AuthenticationStep {
  if (options.hasPassword && info.methods.has('HASHEDPASSWORD')) {
    return expecting(state, { kind: 'authenticate', by: 'password' }, [{ kind: 'send-password' }]);
  }
  if (info.methods.has('NULL')) {
    return expecting(state, { kind: 'authenticate', by: 'nothing' }, [
      { kind: 'warn-of-open-port' },
      { kind: 'send', line: 'AUTHENTICATE' },
    ]);
  }
  return { kind: 'fail', code: otherwise };
}

function stepProtocolInfo(
  state: AuthenticatingState,
  reply: Reply,
  options: ControlOptions,
): AuthenticationStep {
  const offered = parseProtocolInfo(reply);
  if (offered === undefined) return { kind: 'fail', code: 'authentication-refused' };
  const next = { ...state, offered };
  if (offered.methods.has('SAFECOOKIE') && offered.cookieFile !== undefined) {
    return { kind: 'go-on', state: next, effects: [{ kind: 'read-cookie', path: offered.cookieFile }] };
  }
  return authenticateWithout(next, offered, options, 'no-usable-authentication');
}

function stepChallenge(
  state: AuthenticatingState,
  reply: Reply,
  clientNonce: Uint8Array,
): AuthenticationStep {
  const parts = CHALLENGE_FORM.exec(reply.lines[0]!.text);
  if (reply.code !== 250 || parts === null) return { kind: 'fail', code: 'cookie-refused' };
  const challenge = { clientNonce, serverHash: fromHex(parts[1]!), serverNonce: fromHex(parts[2]!) };
  return { kind: 'go-on', state, effects: [{ kind: 'answer-challenge', challenge }] };
}

const REFUSALS: Record<Extract<Command, { kind: 'authenticate' }>['by'], ControlFaultCode> = {
  cookie: 'cookie-refused',
  password: 'password-refused',
  nothing: 'authentication-refused',
};

/** `state` no longer expects the reply; `command` is what it answers. */
export function stepAuthenticationReply(
  state: AuthenticatingState,
  command: Command,
  reply: Reply,
  options: ControlOptions,
): AuthenticationStep {
  if (command.kind === 'protocol-info') return stepProtocolInfo(state, reply, options);
  if (command.kind === 'challenge') return stepChallenge(state, reply, command.clientNonce);
  if (command.kind !== 'authenticate') return { kind: 'fail', code: 'unexpected-reply' };
  return reply.code === 250 ? { kind: 'done' } : { kind: 'fail', code: REFUSALS[command.by] };
}

export type AuthenticationInput = Extract<
  ControlInput,
  { kind: 'cookie-read' | 'cookie-unreadable' | 'challenge-answered' | 'challenge-false' }
>;

/** What the shell found out by itself: about the cookie file, and the relay's proof. */
export function stepAuthenticationInput(
  state: AuthenticatingState,
  input: AuthenticationInput,
  options: ControlOptions,
): AuthenticationStep {
  switch (input.kind) {
    case 'cookie-read': {
      const command = { kind: 'challenge', clientNonce: input.clientNonce } as const;
      return expecting(state, command, [{ kind: 'send', line: renderCommand(command) }]);
    }
    case 'cookie-unreadable':
      return state.offered === undefined
        ? { kind: 'fail', code: 'cookie-unreadable' }
        : authenticateWithout(state, state.offered, options, 'cookie-unreadable');
    case 'challenge-answered':
      return expecting(state, { kind: 'authenticate', by: 'cookie' }, []);
    case 'challenge-false':
      return { kind: 'fail', code: 'impostor' };
  }
}
