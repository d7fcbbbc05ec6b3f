/**
 * The relay's side of authentication, as tor 0.3.2.10 does it: what it offers, which proofs it takes, and the words of
 * each refusal. Every refusal closes the connection.
 */
import { fromHex, toHex } from '../../core/hex.js';
import { parseQuotedBytes, quoteText } from './quoted-string.js';
import { type RelayAuthentication } from './relay-profile.js';
import { clientProof, COOKIE_BYTES, type CookiePrimitives, HASH_BYTES, relayProof } from './safe-cookie.js';

export type RelayPrimitives = CookiePrimitives & { readonly randomBytes: (length: number) => Uint8Array };

const SERVER_NONCE_BYTES = 32;
const NONCE_FORM = /^[0-9A-Fa-f]{64}$/;
const HEX_FORM = /^([0-9A-Fa-f]{2})+$/;

export function protocolInfoLines(authentication: RelayAuthentication, version: string): string[] {
  const { cookie, password } = authentication;
  const methods = [
    ...(cookie === undefined ? [] : ['COOKIE', 'SAFECOOKIE']),
    ...(password === undefined ? [] : ['HASHEDPASSWORD']),
  ];
  const file = cookie === undefined ? '' : ` COOKIEFILE=${quoteText(cookie.path)}`;
  return [
    '250-PROTOCOLINFO 1',
    `250-AUTH METHODS=${methods.length === 0 ? 'NULL' : methods.join(',')}${file}`,
    `250-VERSION Tor=${quoteText(version)}`,
    '250 OK',
  ];
}

export type ChallengeAnswer =
  | { readonly kind: 'challenged'; readonly line: string; readonly clientProof: Uint8Array }
  | { readonly kind: 'refused'; readonly line: string };

/** The answer to `AUTHCHALLENGE SAFECOOKIE nonce`, and the proof that the client must then give. */
export function answerAuthChallenge(
  words: readonly string[],
  authentication: RelayAuthentication,
  primitives: RelayPrimitives,
): ChallengeAnswer {
  const [method, nonce] = words;
  if (method?.toUpperCase() !== 'SAFECOOKIE') {
    return { kind: 'refused', line: '513 AUTHCHALLENGE only supports SAFECOOKIE authentication' };
  }
  const { cookie } = authentication;
  if (cookie === undefined) return { kind: 'refused', line: '515 Cookie authentication is disabled' };
  if (nonce === undefined || words.length > 2 || !NONCE_FORM.test(nonce)) {
    return { kind: 'refused', line: '513 Junk at end of AUTHCHALLENGE command' };
  }
  const serverNonce = primitives.randomBytes(SERVER_NONCE_BYTES);
  const nonces = { clientNonce: fromHex(nonce), serverNonce };
  const hash = toHex(relayProof(cookie.bytes, nonces, primitives)).toUpperCase();
  const shown = toHex(serverNonce).toUpperCase();
  return {
    kind: 'challenged',
    line: `250 AUTHCHALLENGE SERVERHASH=${hash} SERVERNONCE=${shown}`,
    clientProof: clientProof(cookie.bytes, nonces, primitives),
  };
}

/** The bytes of AUTHENTICATE's argument: hexadecimal, quoted, or none. */
function parseSecret(argument: string): Uint8Array | undefined {
  if (argument === '') return new Uint8Array(0);
  if (HEX_FORM.test(argument)) return fromHex(argument);
  return parseQuotedBytes(argument, 0)?.bytes;
}

function refusal(reason: string): string {
  return `515 Authentication failed: ${reason}`;
}

export type AuthenticationAttempt = {
  readonly argument: string;
  /** What the client must prove after AUTHCHALLENGE; undefined if there was none. */
  readonly clientProof: Uint8Array | undefined;
};

/** The line that refuses the attempt; undefined if it is right. */
export function authenticationRefusal(
  attempt: AuthenticationAttempt,
  authentication: RelayAuthentication,
  primitives: CookiePrimitives,
): string | undefined {
  const secret = parseSecret(attempt.argument);
  if (secret === undefined) {
    return '551 Invalid quoted string.  You need to put the password in double quotes.';
  }
  const { isEqualInConstantTime } = primitives;
  if (attempt.clientProof !== undefined) {
    if (secret.length !== HASH_BYTES) return refusal('Wrong length for safe cookie response.');
    return isEqualInConstantTime(secret, attempt.clientProof)
      ? undefined
      : refusal('Safe cookie response did not match expected value.');
  }
  const { cookie, password } = authentication;
  if (cookie !== undefined && isEqualInConstantTime(secret, cookie.bytes)) return undefined;
  if (password !== undefined) {
    if (isEqualInConstantTime(secret, password)) return undefined;
    const also = cookie === undefined ? ' value from configuration' : ' *or* authentication cookie.';
    return refusal(`Password did not match HashedControlPassword${also}`);
  }
  if (cookie === undefined) return undefined;
  return secret.length === COOKIE_BYTES
    ? refusal('Authentication cookie did not match expected value.')
    : refusal('Wrong length on authentication cookie.');
}
