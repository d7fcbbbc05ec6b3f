/**
 * Big lists and tables travel by digest: a node asks the tally for what it does not have, piece by piece, and keeps it
 * (design, section 4). What comes is believed only if it has the digest.
 */
import { toHex } from '../core/hex.js';
import { sha256 } from '../crypto/primitives.js';
import { ARTIFACT_BYTES_MAX, ARTIFACT_PIECE_BYTES } from '../protocol/limits.js';
import { type Message, type MessageOf } from '../protocol/messages.js';
import { type ArtifactCache } from './store-ports.js';

export function artifactDigest(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

/** The tally's side: the piece that was asked for. */
export function answerWant(
  artifacts: ReadonlyMap<string, Uint8Array>,
  want: MessageOf<'want'>,
): MessageOf<'piece'> {
  const { digest, offset } = want;
  const bytes = artifacts.get(digest);
  const piece = bytes?.subarray(offset, offset + ARTIFACT_PIECE_BYTES) ?? new Uint8Array(0);
  return { kind: 'piece', digest, offset, total: bytes?.length ?? 0, parts: [piece] };
}

type Wanted = {
  readonly digests: readonly string[];
  readonly onDone: (artifacts: ReadonlyMap<string, Uint8Array>) => void;
  readonly onMissing: (digest: string) => void;
};

/** The node's side: one fetch at a time, as there is one plan at a time to be taken up. */
export class ArtifactFetch {
  readonly #cache: ArtifactCache;
  readonly #send: (message: Message) => void;
  #wanted: Wanted | undefined;
  #pieces: Uint8Array[] = [];

  constructor(cache: ArtifactCache, send: (message: Message) => void) {
    this.#cache = cache;
    this.#send = send;
  }

  /** Gets all of them, from the cache where they are there. Takes the place of a fetch that is under way. */
  fetch(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#next();
  }

  /** Asks again for what is still missing: the connection was lost meanwhile. */
  resume(): void {
    if (this.#wanted !== undefined) this.#next();
  }

  take({ digest, offset, total, parts }: MessageOf<'piece'>): void {
    const wanted = this.#wanted;
    const piece = parts[0]!;
    const haveBytes = this.#haveBytes();
    if (wanted === undefined || digest !== this.#missing(wanted) || offset !== haveBytes) return;
    if (total === 0 || total > ARTIFACT_BYTES_MAX || piece.length === 0 || haveBytes + piece.length > total) {
      this.#giveUp(wanted, digest);
      return;
    }
    this.#pieces.push(piece);
    if (haveBytes + piece.length < total)
      this.#send({ kind: 'want', digest, offset: haveBytes + piece.length, parts: [] });
    else this.#keep(wanted, digest);
  }

  #haveBytes(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  #missing({ digests }: Wanted): string | undefined {
    return digests.find((digest) => this.#cache.get(digest) === undefined);
  }

  #next(): void {
    const wanted = this.#wanted!;
    this.#pieces = [];
    const digest = this.#missing(wanted);
    if (digest !== undefined) {
      this.#send({ kind: 'want', digest, offset: 0, parts: [] });
      return;
    }
    this.#wanted = undefined;
    wanted.onDone(new Map(wanted.digests.map((known) => [known, this.#cache.get(known)!])));
  }

  #keep(wanted: Wanted, digest: string): void {
    const bytes = new Uint8Array(this.#haveBytes());
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    if (artifactDigest(bytes) !== digest) {
      this.#giveUp(wanted, digest);
      return;
    }
    this.#cache.put(digest, bytes);
    this.#next();
  }

  #giveUp(wanted: Wanted, digest: string): void {
    this.#wanted = undefined;
    this.#pieces = [];
    wanted.onMissing(digest);
  }
}
