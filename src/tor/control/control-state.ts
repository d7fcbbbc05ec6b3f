/** States, inputs and effects of a control connection; what moves one to another is in `control-session.ts`. */
import { type Command, type CountRequest } from './commands.js';
import { type ControlFault } from './control-fault.js';
import { type FoundContext, type RelayContext } from './relay-context.js';
import { type ProtocolInfo } from './protocol-info.js';
import { type Reply } from './reply-reader.js';
import { type Challenge } from './safe-cookie.js';

export type ControlOptions = {
  /** False if the operator sets EnablePrivCount and its settings in torrc (`use_setconf`). */
  readonly mayUseSetconf: boolean;
  readonly hasPassword: boolean;
  /** Whether the relay with this fingerprint, 40 upper-case hexadecimal digits, may be counted at. */
  readonly checkRelay: (fingerprint: string) => ControlFault | undefined;
};

/** In every state: the commands whose replies are to come, in order, and what the owner wants counted. */
type Talk = {
  readonly pending: readonly Command[];
  readonly wanted: CountRequest | undefined;
};

export type AuthenticatingState = Talk & {
  readonly phase: 'authenticating';
  /** Absent until the relay has said what it offers. */
  readonly offered?: ProtocolInfo;
};
export type DiscoveringState = Talk & { readonly phase: 'discovering'; readonly found: FoundContext };
export type WaitingState = Talk & { readonly phase: 'waiting'; readonly context: RelayContext };
export type EnablingState = Talk & {
  readonly phase: 'enabling';
  readonly context: RelayContext;
  readonly request: CountRequest;
};
export type CountingState = Talk & {
  readonly phase: 'counting';
  readonly context: RelayContext;
  readonly request: CountRequest;
};
export type DisablingState = Talk & { readonly phase: 'disabling'; readonly context: RelayContext };
export type ControlState =
  | (Talk & { readonly phase: 'opening' })
  | AuthenticatingState
  | DiscoveringState
  | WaitingState
  | EnablingState
  | CountingState
  | DisablingState
  | (Talk & { readonly phase: 'closed' });

export type ControlInput =
  | { readonly kind: 'opened' }
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The cookie could be read; the nonce is fresh. */
  | { readonly kind: 'cookie-read'; readonly clientNonce: Uint8Array }
  | { readonly kind: 'cookie-unreadable' }
  /** The proof was sent in AUTHENTICATE. */
  | { readonly kind: 'challenge-answered' }
  | { readonly kind: 'challenge-false' }
  | { readonly kind: 'count'; readonly request: CountRequest }
  | { readonly kind: 'stop-counting' }
  | { readonly kind: 'ask-status' }
  /** The country of one more client is to be asked for. */
  | { readonly kind: 'ask-country' }
  /** Seen outside: bytes that are no control protocol, or no reply in time. */
  | { readonly kind: 'fault'; readonly fault: ControlFault }
  | { readonly kind: 'close' };

export type ControlEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** Leads to the input cookie-read or cookie-unreadable. */
  | { readonly kind: 'read-cookie'; readonly path: string }
  /** Leads to the input challenge-answered or challenge-false. */
  | { readonly kind: 'answer-challenge'; readonly challenge: Challenge }
  | { readonly kind: 'send-password' }
  | { readonly kind: 'send-country-question' }
  /** The answer to the first question that had none yet; undefined if tor could not tell. */
  | { readonly kind: 'tell-country'; readonly country: string | undefined }
  | { readonly kind: 'warn-of-open-port' }
  | { readonly kind: 'tell-context'; readonly context: RelayContext }
  | { readonly kind: 'fail'; readonly fault: ControlFault }
  /** Sends what is queued, then closes. */
  | { readonly kind: 'hang-up' };

export type ControlStep = { readonly state: ControlState; readonly effects: readonly ControlEffect[] };
