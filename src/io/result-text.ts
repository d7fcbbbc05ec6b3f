/** The text of a result file, from a folder or a command line that may hold anything. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ResultFileError } from '../results/result-file.js';
import { hasCode } from './files.js';

/** An outcome of 2^18 bins, as large as a round can be, takes 20 MB; with the names of 4,096 collectors and two lists of them 2 MB more. */
export const RESULT_BYTES_MAX = 64 * 1024 * 1024;

/** `isLinkFollowed`: a link that an operator names is meant; one in a folder may lead anywhere. Throws ResultFileError. */
export async function readResultText(path: string, { isLinkFollowed = true } = {}): Promise<string> {
  const file = await openFile(path, isLinkFollowed);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new ResultFileError('it is a folder');
    if (!stats.isFile()) throw new ResultFileError('it is no file');
    if (stats.size > RESULT_BYTES_MAX) throw tooLarge(stats.size);
    const bytes = await readUpTo(file, stats.size + 1);
    if (bytes.length > RESULT_BYTES_MAX) throw tooLarge(bytes.length);
    return toText(bytes);
  } finally {
    await file.close();
  }
}

/** A pipe without a writer is not waited for. */
async function openFile(path: string, isLinkFollowed: boolean): Promise<FileHandle> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_NONBLOCK | (isLinkFollowed ? 0 : O_NOFOLLOW));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new ResultFileError('it is missing', { cause: error });
    if (hasCode(error, 'ELOOP')) throw new ResultFileError('it is a link', { cause: error });
    if (hasCode(error, 'EACCES'))
      throw new ResultFileError('it may not be read by this user', { cause: error });
    throw new ResultFileError("it can't be read", { cause: error });
  }
}

/** A file may grow while it is read; not more than this is taken of it. */
async function readUpTo(file: FileHandle, bytesMax: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(bytesMax);
  let filled = 0;
  while (filled < bytesMax) {
    const { bytesRead } = await file.read(bytes, filled, bytesMax - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ResultFileError('it is not UTF-8', { cause: error });
  }
}

function tooLarge(bytes: number): ResultFileError {
  return new ResultFileError(`it has ${bytes} bytes, and a result file has at most ${RESULT_BYTES_MAX}`);
}
