/**
 * The handshake of PrivCount 2.0 (spec/rounds.md, section 5): four lines that prove to each side that the other knows the one
 * secret that all nodes share. Nothing of the TLS connection goes into it, and clients check no certificate.
 */
import { isEqualInConstantTime, hmacSha256 } from '../../src/crypto/primitives.js';

const prefixOf = (stage: string, side: string): string => `${stage} PRIVCOUNT-100 ${side} HMAC-SHA256`;
const STAGE_1 = prefixOf('HANDSHAKE1-SERVER-COOKIE', 'SERVER');
const STAGE_2 = prefixOf('HANDSHAKE2-CLIENT-COOKIE-HMAC', 'CLIENT');
const STAGE_3 = prefixOf('HANDSHAKE3-SERVER-HMAC', 'SERVER');
const STAGE_4 = prefixOf('HANDSHAKE4-CLIENT-VERIFY', 'CLIENT');

type Cookies = { readonly server: string; readonly client: string };

function proofOf(secret: Uint8Array, prefix: string, { server, client }: Cookies): string {
  const message = Buffer.concat([
    Buffer.from(prefix, 'ascii'),
    Buffer.from(server, 'base64'),
    Buffer.from(client, 'base64'),
  ]);
  return Buffer.from(hmacSha256(secret, message)).toString('base64');
}

function isProof(given: string, wanted: string): boolean {
  return isEqualInConstantTime(Buffer.from(given), Buffer.from(wanted));
}

/** The last words of a line that begins with this prefix; undefined if it does not. */
function wordsOf(line: string, prefix: string): string[] | undefined {
  return line.startsWith(`${prefix} `) ? line.slice(prefix.length + 1).split(' ') : undefined;
}

export class HandshakeServer {
  readonly #secret: Uint8Array;
  readonly #cookie: string;
  isDone = false;

  constructor(secret: Uint8Array, cookie: Uint8Array) {
    this.#secret = secret;
    this.#cookie = Buffer.from(cookie).toString('base64');
  }

  first(): string {
    return `${STAGE_1} ${this.#cookie}`;
  }

  /** The next line; undefined once the handshake is over. */
  answer(line: string): string | undefined {
    if (line === `${STAGE_4} SUCCESS`) {
      this.isDone = true;
      return undefined;
    }
    const [client, proof] = wordsOf(line, STAGE_2) ?? [];
    if (client === undefined || proof === undefined || client === this.#cookie) return `${STAGE_3} FAIL`;
    const cookies = { server: this.#cookie, client };
    if (!isProof(proof, proofOf(this.#secret, STAGE_2, cookies))) return `${STAGE_3} FAIL`;
    return `${STAGE_3} ${proofOf(this.#secret, STAGE_3, cookies)}`;
  }
}

export class HandshakeClient {
  readonly #secret: Uint8Array;
  readonly #cookie: string;
  #server: string | undefined;
  isDone = false;

  constructor(secret: Uint8Array, cookie: Uint8Array) {
    this.#secret = secret;
    this.#cookie = Buffer.from(cookie).toString('base64');
  }

  answer(line: string): string {
    const [server] = wordsOf(line, STAGE_1) ?? [];
    if (server !== undefined) {
      this.#server = server;
      const proof = proofOf(this.#secret, STAGE_2, { server, client: this.#cookie });
      return `${STAGE_2} ${this.#cookie} ${proof}`;
    }
    const [proof] = wordsOf(line, STAGE_3) ?? [];
    const cookies = { server: this.#server ?? '', client: this.#cookie };
    this.isDone = proof !== undefined && isProof(proof, proofOf(this.#secret, STAGE_3, cookies));
    return `${STAGE_4} ${this.isDone ? 'SUCCESS' : 'FAIL'}`;
  }
}
