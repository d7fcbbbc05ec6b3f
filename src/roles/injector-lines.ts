/** The lines of an event log, chunk by chunk, so that a log of any size needs the memory of one chunk. */
import { Buffer } from 'node:buffer';
import { LINE_BYTES_MAX, LineSplitter } from '../tor/control/line-splitter.js';
import { EVENT_MARK } from '../tor/control/event-line.js';

const MARK = Buffer.from(EVENT_MARK);
const LINE_END = Buffer.from('\n');

/**
 * Each line without its end and without the `650 ` that it may begin with; one more line, empty, may come at the end.
 * Throws an Error if a line is over the limit.
 */
export async function* readEventLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Buffer[]> {
  let lines: Buffer[] = [];
  const splitter = new LineSplitter((bytes, start, end) => lines.push(withoutMark(bytes, start, end)));
  for await (const chunk of withLineEnd(chunks)) {
    if (!splitter.push(chunk)) throw new Error(`a line of the event log is over ${LINE_BYTES_MAX} bytes`);
    if (lines.length > 0) yield lines;
    lines = [];
  }
}

/** The last line may lack its end. */
async function* withLineEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  yield LINE_END;
}

/** A copy, because the splitter's bytes are only valid for a moment. */
function withoutMark(bytes: Buffer, start: number, end: number): Buffer {
  const isMarked = bytes.subarray(start, start + MARK.length).equals(MARK);
  return Buffer.from(bytes.subarray(isMarked ? start + MARK.length : start, end));
}
