/**
 * The payload of a viterbi event (spec/counters.md, 6.3): a path through a model, `[["state";"observation";delay];...]`, which
 * is JSON with `;` for `,`. A path as Tor words it is read byte by byte; anything else that is JSON takes the slow way.
 * Nothing is counted of a payload that is wrong anywhere (quirk Q25). Hot path.
 */
import { fromLatin1, NINE, toLatin1, ZERO } from '../../tor/events/ascii.js';

const OPEN = 0x5b;
const CLOSE = 0x5d;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;
const DEL = 0x7f;
/** Any number of so many digits is below 2^53. */
const EXACT_DIGITS_MAX = 15;
/** Greater delays, 285 years, are no delays; up to there the rounded logarithm is the original's. */
const DELAY_VALUES = 2 ** 53;
const FIRST_CAPACITY = 256;
/** A longer path's arrays are given up after it. */
const KEPT_CAPACITY = 65_536;

/** Stands for the state of an element that is too short to be a step: it is skipped, and ends a run of steps. */
export const SKIPPED = -1;

/** The number of the name that a slice is; of any slice there is one. Mostly a quote stands behind the slice. */
export type FindName = (bytes: Uint8Array, start: number, end: number) => number;

export type PathNames = { readonly state: FindName; readonly observation: FindName };

export class ViterbiPath {
  readonly #names: PathNames;
  #states = new Int32Array(FIRST_CAPACITY);
  #observations = new Int32Array(FIRST_CAPACITY);
  #delays = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  constructor(names: PathNames) {
    this.#names = names;
  }

  get length(): number {
    return this.#length;
  }

  /** The number of the step's state, or SKIPPED. */
  state(step: number): number {
    return step < this.#length ? this.#states[step]! : SKIPPED;
  }

  observation(step: number): number {
    return this.#observations[step]!;
  }

  /** In whole microseconds. */
  delay(step: number): number {
    return this.#delays[step]!;
  }

  /** Reads the slice; false, and no steps, if it is no path. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#states.length > KEPT_CAPACITY) this.#resize(FIRST_CAPACITY);
    this.#length = 0;
    if (this.#readAsTor(bytes, start, end)) return true;
    this.#length = 0;
    if (this.#readAsJson(fromLatin1(bytes, start, end))) return true;
    this.#length = 0;
    return false;
  }

  wipe(): void {
    this.#states.fill(0);
    this.#observations.fill(0);
    this.#delays.fill(0);
    this.#length = 0;
  }

  #readAsTor(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== OPEN || bytes[end - 1] !== CLOSE) return false;
    if (end - start === 2) return true;
    let at = start + 1;
    while (at < end) {
      const stateEnd = bytes[at] === OPEN ? endOfString(bytes, at + 1, end) : -1;
      if (stateEnd < 0) return false;
      const observationEnd = bytes[stateEnd + 1] === SEMICOLON ? endOfString(bytes, stateEnd + 2, end) : -1;
      if (observationEnd < 0 || bytes[observationEnd + 1] !== SEMICOLON) return false;
      const delayStart = observationEnd + 2;
      const delayEnd = endOfDigits(bytes, delayStart, end);
      const digits = delayEnd - delayStart;
      if (digits < 1 || digits > EXACT_DIGITS_MAX || bytes[delayEnd] !== CLOSE) return false;
      this.#push(
        this.#names.state(bytes, at + 2, stateEnd),
        this.#names.observation(bytes, stateEnd + 3, observationEnd),
        toNumber(bytes, delayStart, delayEnd),
      );
      at = delayEnd + 1;
      if (at === end - 1) return true;
      if (bytes[at] !== SEMICOLON) return false;
      at += 1;
    }
    return false;
  }

  #readAsJson(text: string): boolean {
    let path: unknown;
    try {
      path = JSON.parse(text.replaceAll(';', ','));
    } catch {
      return false;
    }
    return Array.isArray(path) && path.every((step) => this.#pushJson(step));
  }

  #pushJson(step: unknown): boolean {
    if (!Array.isArray(step)) return false;
    if (step.length < 3) {
      this.#push(SKIPPED, 0, 0);
      return true;
    }
    const [state, observation, delay] = step as unknown[];
    if (!isAscii(state) || !isAscii(observation)) return false;
    const number = toDelay(delay);
    if (number === undefined) return false;
    const stateBytes = toLatin1(state);
    const observationBytes = toLatin1(observation);
    this.#push(
      this.#names.state(stateBytes, 0, stateBytes.length),
      this.#names.observation(observationBytes, 0, observationBytes.length),
      number,
    );
    return true;
  }

  #push(state: number, observation: number, delay: number): void {
    if (this.#length === this.#states.length) this.#resize(2 * this.#length);
    this.#states[this.#length] = state;
    this.#observations[this.#length] = observation;
    this.#delays[this.#length] = delay;
    this.#length += 1;
  }

  #resize(capacity: number): void {
    const [states, observations, delays] = [this.#states, this.#observations, this.#delays];
    this.#states = new Int32Array(capacity);
    this.#observations = new Int32Array(capacity);
    this.#delays = new Float64Array(capacity);
    if (capacity < states.length) return;
    this.#states.set(states);
    this.#observations.set(observations);
    this.#delays.set(delays);
  }
}

/** `bytes[start]` being a quote, the place of the next; -1 if there is none before a byte that no name has. */
function endOfString(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== QUOTE) return -1;
  for (let at = start + 1; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte === SEMICOLON || byte < 0x20 || byte >= DEL) return -1;
  }
  return -1;
}

function endOfDigits(bytes: Uint8Array, start: number, end: number): number {
  // JSON has no number with a leading zero but 0 itself.
  if (bytes[start] === ZERO) return start + 1;
  let at = start;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at += 1;
  return at;
}

function toNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + (bytes[at]! - ZERO);
  return value;
}

function isAscii(name: unknown): name is string {
  return typeof name === 'string' && /^[\0-\x7f]*$/.test(name);
}

/** A number, or a text of one, cut to a whole number. */
function toDelay(delay: unknown): number | undefined {
  const isText = typeof delay === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(delay);
  if (typeof delay !== 'number' && !isText) return undefined;
  const whole = Math.trunc(Number(delay));
  return Math.abs(whole) < DELAY_VALUES ? whole : undefined;
}
