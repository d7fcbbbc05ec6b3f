/**
 * Who has shown the room's token. The token is asked for once and exchanged for a cookie with a number that means nothing
 * elsewhere, so that the token itself is in no address, no log and no later request.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

/** A working day. */
const SESSION_MS = 12 * 3_600_000;
/** Browsers of the few who run a network; the oldest makes room. */
const SESSIONS_MAX = 64;
/** Tries a minute of one address, and of all: nobody guesses 128 bits, but nobody should try for free either. */
const TRIES_MAX = { ofAddress: 10, ofAll: 100 };
const TRIES_MS = 60_000;
const SESSION_BYTES = 32;

export type LoginAnswer =
  | { readonly kind: 'welcome'; readonly cookie: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too many'; readonly retryMs: number };

export class RoomSessions {
  readonly #digest: Buffer | undefined;
  readonly #cookie: string;
  readonly #flags: string;
  readonly #nowMs: () => number;
  /** By the digest of their number: when they end. */
  readonly #sessions = new Map<string, number>();
  #tries = new Map<string, number>();
  #triesFromMs = -Infinity;

  /** Without a token everybody is welcome. Cookies are shared by all ports of a host, so that the name has the port. */
  constructor(
    token: string | undefined,
    { port, isTls, nowMs }: { readonly port: number; readonly isTls: boolean; readonly nowMs: () => number },
  ) {
    this.#digest = token === undefined ? undefined : sha256(token);
    this.#cookie = `${isTls ? '__Host-' : ''}privcount-room-${port}`;
    this.#flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}${isTls ? '; Secure' : ''}`;
    this.#nowMs = nowMs;
  }

  isWelcome({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    if (this.#digest === undefined) return true;
    const number = cookieOf(headers.cookie, this.#cookie);
    if (number === undefined) return false;
    const endMs = this.#sessions.get(keyOf(number));
    return endMs !== undefined && this.#nowMs() < endMs;
  }

  /** `address`: of whoever tries. */
  login(token: string, address: string): LoginAnswer {
    const nowMs = this.#nowMs();
    if (nowMs >= this.#triesFromMs + TRIES_MS) {
      this.#tries = new Map();
      this.#triesFromMs = nowMs;
    }
    const { ofAddress, ofAll } = TRIES_MAX;
    const tries = this.#tries.get(address) ?? 0;
    const all = [...this.#tries.values()].reduce((sum, count) => sum + count, 0);
    if (tries >= ofAddress || all >= ofAll)
      return { kind: 'too many', retryMs: this.#triesFromMs + TRIES_MS - nowMs };
    if (this.#digest === undefined || !timingSafeEqual(this.#digest, sha256(token))) {
      this.#tries.set(address, tries + 1);
      return { kind: 'wrong' };
    }
    return { kind: 'welcome', cookie: `${this.#cookie}=${this.#begin(nowMs)}; ${this.#flags}` };
  }

  #begin(nowMs: number): string {
    for (const [key, endMs] of this.#sessions) {
      if (endMs <= nowMs || this.#sessions.size >= SESSIONS_MAX) this.#sessions.delete(key);
    }
    const number = randomBytes(SESSION_BYTES).toString('base64url');
    this.#sessions.set(keyOf(number), nowMs + SESSION_MS);
    return number;
  }
}

/** That the time a look-up takes depends on it tells nothing of the number itself. */
function keyOf(number: string): string {
  return sha256(number).toString('base64');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const found = header?.split(/; */).find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
