/** How the tally room answers: bodies compressed as the browser likes, files as they are read, and errors as a line of text. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { hasCode } from './files.js';
import { type Asset } from './room-assets.js';
import { securityHeaders } from './room-headers.js';

/** Below this a body fits into a packet anyway. */
const GZIP_BYTES_MIN = 1_000;
/** Names with a digest in them. */
const FOREVER = 'public, max-age=31536000, immutable';
const ALWAYS_ASK = 'no-cache';

export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

export function sendText(
  { response }: Exchange,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
) {
  const bytes = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    ...securityHeaders(),
    'content-type': 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}

export function sendAsset({ request, response }: Exchange, asset: Asset): void {
  const headers = {
    ...securityHeaders(),
    etag: asset.etag,
    vary: 'accept-encoding',
    'cache-control': asset.isHashed ? FOREVER : ALWAYS_ASK,
  };
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const encoding = encodingOf(request);
  const bytes = encoding === undefined ? asset.plain : asset[encoding];
  response.writeHead(200, {
    ...headers,
    'content-type': asset.type,
    'content-length': bytes.length,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding === 'brotli' ? 'br' : 'gzip' }),
  });
  response.end(bytes);
}

function encodingOf({ headers }: IncomingMessage): 'brotli' | 'gzip' | undefined {
  const accepted = (headers['accept-encoding'] ?? '').split(/[,;\s]+/);
  if (accepted.includes('br')) return 'brotli';
  return accepted.includes('gzip') ? 'gzip' : undefined;
}

/** What is made for the request. `headers` has its type. */
export async function sendBody(
  exchange: Exchange,
  text: string,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  const { request, response } = exchange;
  const plain = Buffer.from(text);
  const isZipped = plain.length >= GZIP_BYTES_MIN && encodingOf(request) !== undefined;
  const bytes = isZipped ? await promisify(gzip)(plain) : plain;
  response.writeHead(200, {
    ...securityHeaders(),
    'cache-control': 'no-store',
    vary: 'accept-encoding',
    'content-length': bytes.length,
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    ...headers,
  });
  response.end(bytes);
}

/** A file of the folder, not followed if it is a link. `name` has been checked to be one. */
export async function sendFile(exchange: Exchange, folder: string, name: string): Promise<void> {
  const { request, response } = exchange;
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const file = await open(join(folder, name), O_RDONLY | O_NONBLOCK | O_NOFOLLOW).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  });
  if (file === undefined) {
    sendText(exchange, 404, 'there is no such file');
    return;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      sendText(exchange, 404, 'there is no such file');
      return;
    }
    response.writeHead(200, { ...securityHeaders(), ...attachment(name), 'content-length': stats.size });
    if (request.method === 'HEAD' || stats.size === 0) response.end();
    else await pipeline(file.createReadStream({ autoClose: false, end: stats.size - 1 }), response);
  } finally {
    await file.close();
  }
}

/** To be saved, and never shown as a page. */
export function attachment(name: string): OutgoingHttpHeaders {
  return {
    'content-type': name.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json',
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  };
}
