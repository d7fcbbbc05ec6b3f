/** Event logs: a file or standard input, perhaps packed by gzip, as a stream of bytes that is read no faster than it is used. */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 16;
const GZIP_MAGIC = [0x1f, 0x8b];

/** The log at `path`, `-` for standard input, unpacked. Throws an Error that names the path if it cannot be read. */
export async function* readEventLog(path: string): AsyncGenerator<Uint8Array> {
  const source: AsyncIterable<Buffer> =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    yield* unpack(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`can't read the event log ${path}: ${reason}`, { cause: error });
  }
}

/** Looks at the first two bytes, which may come one by one from a pipe. */
async function* unpack(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let isEnd = false;
  while (start.length < GZIP_MAGIC.length && !isEnd) {
    const next = await chunks.next();
    if (next.done === true) isEnd = true;
    else start = Buffer.concat([start, next.value]);
  }
  const whole = withStart(start, chunks);
  const isPacked = GZIP_MAGIC.every((byte, at) => start[at] === byte);
  yield* isPacked ? gunzip(whole) : whole;
}

async function* withStart(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield start;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    // A reader that stops early closes the file.
    await rest.return?.();
  }
}

async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  // An error of either end reaches the reader through `unpacked`.
  pipeline(Readable.from(packed), unpacked, () => undefined);
  yield* unpacked as AsyncIterable<Buffer>;
}
