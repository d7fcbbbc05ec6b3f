/** Known answers for masks and their primitives, made by another implementation; the file says how. */
import { readFileSync } from 'node:fs';

type MaskVectors = {
  readonly hkdfSha256: readonly {
    readonly from: string;
    readonly secret: string;
    readonly info: string;
    readonly length: number;
    readonly output: string;
  }[];
  readonly aes256CtrKeyStream: readonly {
    readonly from: string;
    readonly key: string;
    readonly length: number;
    readonly stream: string;
  }[];
  readonly masks: readonly {
    readonly case: string;
    readonly networkId: string;
    readonly roundId: string;
    readonly collector: string;
    readonly generation: number;
    readonly set: number;
    readonly seed: string;
    readonly cells: number;
    /** Only of short masks. */
    readonly mask?: string;
    readonly maskSha256: string;
    readonly commitment: string;
  }[];
};

/** Compiled tests stand one folder deeper than their sources: build/test/support. */
const path = new URL('../../../test/vectors/masks.json', import.meta.url);

export const maskVectors = JSON.parse(readFileSync(path, 'utf8')) as MaskVectors;
