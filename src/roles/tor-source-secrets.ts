/**
 * The cookie and the password of a control port. They live in no state: each is read when the relay asks for it, used
 * once, and erased.
 */
import { toHex } from '../core/hex.js';
import { hmacSha256, isEqualInConstantTime } from '../crypto/primitives.js';
import { answerChallenge, type Challenge, COOKIE_BYTES } from '../tor/control/safe-cookie.js';
import { type Files } from './ports.js';

/** PrivCount's limits: shorter is guessed, and tor reads no longer line in earnest. */
const PASSWORD_BYTES_MIN = 8;
const PASSWORD_BYTES_MAX = 1024;

const LF = 10;
const CR = 13;

const primitives = { hmacSha256, isEqualInConstantTime };

function readOrUndefined(files: Files, path: string): Uint8Array | undefined {
  try {
    return files.read(path);
  } catch {
    // What is wrong with the file is told by the fault that follows, which says what to do about it.
    return undefined;
  }
}

/** The password in a file's bytes, without the line end that may follow it; undefined if it is too short or too long. */
export function passwordIn(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length;
  if (bytes[length - 1] === LF) length -= 1;
  if (bytes[length - 1] === CR) length -= 1;
  const isFine = length >= PASSWORD_BYTES_MIN && length <= PASSWORD_BYTES_MAX;
  return isFine ? bytes.subarray(0, length) : undefined;
}

export type SecretPaths = {
  /** `control_password`; undefined if there is none. */
  readonly passwordFile: string | undefined;
  /** Where the cookie is if not at the path that tor names, as when tor runs in a container. */
  readonly cookieFile?: string | undefined;
};

export class ControlSecrets {
  readonly #files: Files;
  readonly #paths: SecretPaths;
  #cookie: Uint8Array | undefined;

  constructor(files: Files, paths: SecretPaths) {
    this.#files = files;
    this.#paths = paths;
  }

  /** Keeps the cookie until `answer` or `wipe`. False if the file is none of 32 bytes. `named` is the path by tor. */
  readCookie(named: string): boolean {
    const bytes = readOrUndefined(this.#files, this.#paths.cookieFile ?? named);
    if (bytes?.length !== COOKIE_BYTES) return false;
    this.#cookie = bytes;
    return true;
  }

  /** The line that answers the challenge; undefined if the relay's proof is wrong. */
  answer(challenge: Challenge): string | undefined {
    if (this.#cookie === undefined) return undefined;
    const proof = answerChallenge(this.#cookie, challenge, primitives);
    this.wipe();
    return proof === undefined ? undefined : `AUTHENTICATE ${proof}`;
  }

  /** The line that gives the password; undefined if the file holds none. */
  password(): string | undefined {
    const { passwordFile } = this.#paths;
    const bytes = passwordFile === undefined ? undefined : readOrUndefined(this.#files, passwordFile);
    if (bytes === undefined) return undefined;
    const password = passwordIn(bytes);
    const line = password === undefined ? undefined : `AUTHENTICATE ${toHex(password)}`;
    bytes.fill(0);
    return line;
  }

  wipe(): void {
    this.#cookie?.fill(0);
    this.#cookie = undefined;
  }
}
