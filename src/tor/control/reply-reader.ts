/**
 * Lines to replies (spec/tor-control.md, "Lines and replies"): `250 text` ends a reply, `250-key=value` continues it,
 * `250+key=` begins a data block, which a line of one dot ends and in which a leading dot is doubled. Asynchronous lines
 * (650) of whatever form belong to no reply and are passed over, wherever they stand (Q48); PrivCount's events never get
 * here, `event-line.ts` picks them out first.
 */

/** The longest reply we ask for has under 2 kB. */
export const REPLY_BYTES_MAX = 1 << 16;

export type ReplyLine = {
  readonly text: string;
  /** The lines of a data block, without dots. */
  readonly data?: readonly string[];
};

export type Reply = {
  /** The code of the last line. */
  readonly code: number;
  readonly lines: readonly ReplyLine[];
};

type ReplyFaultCode = 'malformed-reply' | 'reply-too-long';

export type ReplyOutput =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'fault'; readonly code: ReplyFaultCode };

const ASYNCHRONOUS = '650';
const LINE_FORM = /^[1-9][0-9]{2}[ +-]/;

/** A data block that has not ended; one of an asynchronous message is to be forgotten. */
type Block = { readonly text: string; readonly data: string[]; readonly isAsynchronous: boolean };

export class ReplyReader {
  #lines: ReplyLine[] = [];
  #bytes = 0;
  #block: Block | undefined;

  /** Takes a line in latin1, without its end. Answers if the line completes a reply, or is wrong. */
  take(line: string): ReplyOutput | undefined {
    if (this.#block !== undefined) return this.#takeData(line, this.#block);
    if (!LINE_FORM.test(line)) return { kind: 'fault', code: 'malformed-reply' };
    const isAsynchronous = line.startsWith(ASYNCHRONOUS);
    const mark = line.charAt(3);
    const text = line.slice(4);
    if (!isAsynchronous && !this.#hasRoom(line)) return { kind: 'fault', code: 'reply-too-long' };
    if (mark === '+') {
      this.#block = { text, data: [], isAsynchronous };
      return undefined;
    }
    if (isAsynchronous) return undefined;
    this.#lines.push({ text });
    if (mark === '-') return undefined;
    const reply = { code: Number(line.slice(0, 3)), lines: this.#lines };
    this.#lines = [];
    this.#bytes = 0;
    return { kind: 'reply', reply };
  }

  #takeData(line: string, block: Block): ReplyOutput | undefined {
    if (line === '.') {
      if (!block.isAsynchronous) this.#lines.push({ text: block.text, data: block.data });
      this.#block = undefined;
      return undefined;
    }
    if (block.isAsynchronous) return undefined;
    if (!this.#hasRoom(line)) return { kind: 'fault', code: 'reply-too-long' };
    block.data.push(line.startsWith('.') ? line.slice(1) : line);
    return undefined;
  }

  /** Counts the line's end too, so that empty lines fill the reply as well. */
  #hasRoom(line: string): boolean {
    this.#bytes += line.length + 2;
    return this.#bytes <= REPLY_BYTES_MAX;
  }
}
