/** Performs a control machine's effects against a relay that is a function from lines to lines. */
import { Buffer } from 'node:buffer';
import { fromHex } from '../../../src/core/hex.js';
import { hmacSha256, isEqualInConstantTime } from '../../../src/crypto/primitives.js';
import { type ControlFault } from '../../../src/tor/control/control-fault.js';
import {
  type ControlEffect,
  type ControlInput,
  type ControlOptions,
  type ControlState,
} from '../../../src/tor/control/control-state.js';
import { startControl, stepControl } from '../../../src/tor/control/control-session.js';
import { LineSplitter } from '../../../src/tor/control/line-splitter.js';
import { type RelayContext } from '../../../src/tor/control/relay-context.js';
import { ReplyReader } from '../../../src/tor/control/reply-reader.js';
import { answerChallenge } from '../../../src/tor/control/safe-cookie.js';

export const primitives = { hmacSha256, isEqualInConstantTime };

/** Undefined once the relay has closed the connection. */
export type Relay = (line: string) => readonly string[];

export type Secrets = {
  /** In hexadecimal. */
  readonly cookie?: string;
  readonly password?: string;
  readonly clientNonce?: string;
};

/** Throws if anything below is changed later: a machine must not touch the state it was given. */
function freezeDeep<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach((part: unknown) => freezeDeep(part));
  }
  return value;
}

export class Talk {
  state: ControlState = startControl();
  readonly sent: string[] = [];
  readonly contexts: RelayContext[] = [];
  readonly faults: ControlFault[] = [];
  readonly phases: ControlState['phase'][] = [];
  hungUp = false;
  warnings = 0;
  /** How often a country was asked for; what was answered. */
  questions = 0;
  readonly countries: (string | undefined)[] = [];
  readonly #options: ControlOptions;
  readonly #secrets: Secrets;
  readonly #relay: Relay;
  readonly #reader = new ReplyReader();
  readonly #splitter: LineSplitter;
  readonly #inputs: ControlInput[] = [];
  #isStepping = false;
  readonly #chunk: (bytes: Buffer) => readonly Buffer[];

  constructor(
    relay: Relay,
    given: Partial<ControlOptions> = {},
    secrets: Secrets = {},
    chunk: (bytes: Buffer) => readonly Buffer[] = (bytes) => [bytes],
  ) {
    this.#options = {
      mayUseSetconf: true,
      hasPassword: secrets.password !== undefined,
      checkRelay: () => undefined,
      ...given,
    };
    this.#secrets = secrets;
    this.#relay = relay;
    this.#chunk = chunk;
    this.#splitter = new LineSplitter((bytes, start, end) => {
      const output = this.#reader.take(bytes.toString('latin1', start, end));
      if (output?.kind === 'reply') this.step(output);
      if (output?.kind === 'fault') this.step({ kind: 'fault', fault: { code: output.code } });
    });
  }

  open(): this {
    return this.step({ kind: 'opened' });
  }

  step(input: ControlInput): this {
    this.#inputs.push(input);
    if (this.#isStepping) return this;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { state, effects } = stepControl(this.#options, freezeDeep(this.state), next);
      if (state.phase !== this.state.phase) this.phases.push(state.phase);
      this.state = state;
      effects.forEach((effect) => this.#perform(effect));
    }
    this.#isStepping = false;
    return this;
  }

  /** Bytes from the relay that answer nothing. */
  receive(text: string): this {
    this.#chunk(Buffer.from(text, 'latin1')).forEach((bytes) => this.#splitter.push(bytes));
    return this;
  }

  #send(line: string): void {
    this.sent.push(line);
    this.receive(
      this.#relay(line)
        .map((reply) => `${reply}\r\n`)
        .join(''),
    );
  }

  #perform(effect: ControlEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect.line);
        return;
      case 'read-cookie': {
        const { cookie, clientNonce = '11'.repeat(32) } = this.#secrets;
        this.step(
          cookie === undefined
            ? { kind: 'cookie-unreadable' }
            : { kind: 'cookie-read', clientNonce: fromHex(clientNonce) },
        );
        return;
      }
      case 'answer-challenge': {
        const answer = answerChallenge(fromHex(this.#secrets.cookie!), effect.challenge, primitives);
        this.step({ kind: answer === undefined ? 'challenge-false' : 'challenge-answered' });
        if (answer !== undefined) this.#send(`AUTHENTICATE ${answer}`);
        return;
      }
      case 'send-password':
        this.#send(`AUTHENTICATE "${this.#secrets.password!}"`);
        return;
      case 'warn-of-open-port':
        this.warnings += 1;
        return;
      case 'send-country-question':
        this.questions += 1;
        return;
      case 'tell-country':
        this.countries.push(effect.country);
        return;
      case 'tell-context':
        this.contexts.push(effect.context);
        return;
      case 'fail':
        this.faults.push(effect.fault);
        return;
      case 'hang-up':
        this.hungUp = true;
    }
  }
}
