/** The page's files, which `npm run build` makes (vite.config.ts): read once, compressed once, and served from memory. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Asset = {
  readonly type: string;
  /** In quotes, as the header has it. */
  readonly etag: string;
  /** Its name has a digest of what is in it: it never changes. */
  readonly isHashed: boolean;
  readonly plain: Uint8Array;
  readonly gzip: Uint8Array;
  readonly brotli: Uint8Array;
};

/** By path, as in `/assets/index-1a2b3c4d.js`; the page itself is `/`. */
export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Vite's folder of files whose names have digests. */
const HASHED = '/assets/';
/** Of the whole page as it is sent; doc/decisions/0037. A build that is larger is not this page. */
const PAGE_BYTES_MAX = 1024 * 1024;
/** 11 takes ten times as long for 3 % less. */
const BROTLI_QUALITY = 9;

/** Throws Error if the folder is missing or is no page. */
export async function readAssets(folder: string): Promise<Assets> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const assets = new Map<string, Asset>();
  let bytes = 0;
  for (const path of names) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const plain = readFileSync(path);
    bytes += plain.length;
    if (bytes > PAGE_BYTES_MAX)
      throw new Error(`the page in ${folder} has more than ${PAGE_BYTES_MAX} bytes`);
    const url = path.slice(folder.length).replaceAll('\\', '/');
    assets.set(
      url === '/index.html' ? '/' : url,
      await toAsset(plain, { type, isHashed: url.startsWith(HASHED) }),
    );
  }
  if (!assets.has('/')) throw new Error(`there is no index.html in ${folder}`);
  return assets;
}

async function toAsset(plain: Buffer, about: Pick<Asset, 'type' | 'isHashed'>): Promise<Asset> {
  const digest = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(plain),
    promisify(brotliCompress)(plain, { params }),
  ]);
  return { ...about, etag: `"${digest}"`, plain, gzip: zipped, brotli };
}
