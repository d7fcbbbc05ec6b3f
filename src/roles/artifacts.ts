/**
 * Big lists and tables travel by digest: a node asks the tally for what it does not have, piece by piece, and keeps it
 * (design, section 4). What comes is believed only if it has the digest.
 */
import { toHex } from '../core/hex.js';
import { sha256 } from '../crypto/primitives.js';
import { ARTIFACT_BYTES_MAX, ARTIFACT_PIECE_BYTES } from '../protocol/limits.js';
import { type Message, type MessageOf } from '../protocol/messages.js';
import { type ArtifactCache } from './ports.js';

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

/** The list that is on its way: the first of those wanted that the cache does not have. */
type Incoming = { readonly digest: string; readonly pieces: Uint8Array[]; haveBytes: number };

/** The node's side: one fetch at a time, as there is one plan at a time to be taken up. */
export class ArtifactFetch {
  readonly #cache: ArtifactCache;
  readonly #send: (message: Message) => void;
  #wanted: Wanted | undefined;
  /** Those of the wanted that are there. */
  #found = new Map<string, Uint8Array>();
  #incoming: Incoming | undefined;

  constructor(cache: ArtifactCache, send: (message: Message) => void) {
    this.#cache = cache;
    this.#send = send;
  }

  /** Gets all of them, from the cache where they are there. Takes the place of a fetch that is under way. */
  fetch(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#found = new Map();
    this.#next(wanted);
  }

  /** Asks again for what is still missing: the connection was lost meanwhile. */
  resume(): void {
    if (this.#wanted !== undefined) this.#next(this.#wanted);
  }

  take({ digest, offset, total, parts }: MessageOf<'piece'>): void {
    const incoming = this.#incoming;
    const piece = parts[0]!;
    if (digest !== incoming?.digest || offset !== incoming.haveBytes) return;
    const haveBytes = offset + piece.length;
    if (total === 0 || total > ARTIFACT_BYTES_MAX || piece.length === 0 || haveBytes > total) {
      this.#giveUp(digest);
      return;
    }
    incoming.pieces.push(piece);
    incoming.haveBytes = haveBytes;
    if (haveBytes < total) this.#send({ kind: 'want', digest, offset: haveBytes, parts: [] });
    else this.#keep(incoming);
  }

  /** Looks for each list in the cache only once: a look reads and hashes a whole file. */
  #next(wanted: Wanted): void {
    for (const digest of wanted.digests) {
      const bytes = this.#found.get(digest) ?? this.#cache.get(digest);
      if (bytes === undefined) {
        this.#incoming = { digest, pieces: [], haveBytes: 0 };
        this.#send({ kind: 'want', digest, offset: 0, parts: [] });
        return;
      }
      this.#found.set(digest, bytes);
    }
    const found = this.#found;
    this.#forget();
    wanted.onDone(found);
  }

  #keep({ digest, pieces, haveBytes }: Incoming): void {
    const bytes = new Uint8Array(haveBytes);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    if (artifactDigest(bytes) !== digest) {
      this.#giveUp(digest);
      return;
    }
    this.#cache.put(digest, bytes);
    this.#found.set(digest, bytes);
    this.#next(this.#wanted!);
  }

  #giveUp(digest: string): void {
    const wanted = this.#wanted!;
    this.#forget();
    wanted.onMissing(digest);
  }

  #forget(): void {
    this.#wanted = undefined;
    this.#found = new Map();
    this.#incoming = undefined;
  }
}
