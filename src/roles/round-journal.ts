/**
 * A round on the disk: the inputs that changed it, in their order. Machines are pure, so a restart takes the same inputs at
 * the same times to the same state, and what the machine then sends again are the same bytes.
 */
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { type Message } from '../protocol/messages.js';
import { type Change, type Store } from './store-port.js';

/** One input. `note` is JSON of whoever writes it; `message` what came, if it was a message. */
export type JournalEntry = {
  readonly atMs: number;
  readonly note: unknown;
  readonly message: Message | undefined;
};

const PREFIX = 'journal/';
const SEQUENCE_DIGITS = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class RoundJournal {
  readonly #store: Store;
  readonly #prefix: string;
  #length: number;

  /** `length`: how many entries are there already. */
  constructor(store: Store, roundId: string, length = 0) {
    this.#store = store;
    this.#prefix = `${PREFIX}${roundId}/`;
    this.#length = length;
  }

  /** On the disk when it returns, all or nothing. */
  append(entry: JournalEntry, also: readonly Change[] = []): void {
    this.#store.write([{ key: this.#keyOf(this.#length), value: encodeEntry(entry) }, ...also]);
    this.#length += 1;
  }

  /** What removes it all. */
  removal(): Change[] {
    return Array.from({ length: this.#length }, (_, at) => ({ key: this.#keyOf(at), value: undefined }));
  }

  #keyOf(sequence: number): string {
    return `${this.#prefix}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
  }
}

/** The rounds that were not over, by their ids. */
export function readJournals(store: Store): Map<string, JournalEntry[]> {
  const journals = new Map<string, JournalEntry[]>();
  for (const { key, value } of store.list(PREFIX)) {
    const [, roundId] = key.split('/');
    const entries = journals.get(roundId!) ?? [];
    entries.push(decodeEntry(value));
    journals.set(roundId!, entries);
  }
  return journals;
}

/** Length of the JSON (4 bytes, big-endian), the JSON, and the message's frame if there is one. */
function encodeEntry({ atMs, note, message }: JournalEntry): Uint8Array {
  const json = encoder.encode(JSON.stringify({ atMs, note }));
  const frame = message === undefined ? new Uint8Array(0) : encodeMessage(message);
  const bytes = new Uint8Array(4 + json.length + frame.length);
  new DataView(bytes.buffer).setUint32(0, json.length);
  bytes.set(json, 4);
  bytes.set(frame, 4 + json.length);
  return bytes;
}

/** The store gives back what was written, or nothing at all; so anything else is a fault of ours. */
function decodeEntry(bytes: Uint8Array): JournalEntry {
  const frameAt = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const { atMs, note } = JSON.parse(decoder.decode(bytes.subarray(4, frameAt))) as {
    atMs: number;
    note: unknown;
  };
  if (frameAt === bytes.length) return { atMs, note, message: undefined };
  const decoded = decodeMessage(bytes.subarray(frameAt));
  if ('fault' in decoded) throw new Error(`an entry of a round's journal can't be read: ${decoded.fault}`);
  return { atMs, note, message: decoded.message };
}
