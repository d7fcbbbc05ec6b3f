/** Frames that are nearly right: genuine ones with something wrong at each of their layers, and bytes without sense. */
import { SIGNATURE_BYTES } from '../../src/crypto/identity.js';
import { decodeMessage } from '../../src/protocol/codec.js';
import { RandomSource } from '../support/random-source.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Taken = { header: Record<string, unknown>; parts: Uint8Array[] };

/** Values that a careless reader would stumble over. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  0.5,
  2 ** 31,
  2 ** 53,
  1e300,
  '',
  '0'.repeat(32),
  'f'.repeat(64),
  'tally',
  'keeper-1',
  'collector-9',
  '\u0000\n\u001b[2J',
  'x'.repeat(5_000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null, constructor: 1 },
  [0, 0, 251, 252],
];

export class FrameMutations {
  readonly #random: RandomSource;
  readonly #genuine: readonly Uint8Array[];

  /** `genuine`: frames of a real round, one at least. */
  constructor(seed: number, genuine: readonly Uint8Array[]) {
    this.#random = new RandomSource(seed);
    this.#genuine = genuine;
  }

  /** The next frame; those with a round's id are mostly of that round, if one is given. */
  next(roundId: string | undefined): Uint8Array {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 2) return random.bytes(random.below(200));
    const frame = random.pick(this.#genuine);
    if (kind < 6) return this.#withBytesChanged(frame);
    const taken = takeApart(frame);
    if (taken === undefined) return this.#withBytesChanged(frame);
    if (roundId !== undefined && 'roundId' in taken.header && random.isLikely(0.9))
      taken.header['roundId'] = roundId;
    if (kind < 30) this.#changeHeader(taken.header);
    else if (kind < 60) this.#changeParts(taken.parts);
    else if (kind < 90) this.#changeStatement(taken.parts);
    // The rest are genuine but for their round.
    return putTogether(taken);
  }

  /** One that the codec takes for a message; others end the connection, and the next frames with it. */
  nextMessage(roundId: string | undefined): Uint8Array {
    for (;;) {
      const frame = this.next(roundId);
      if ('message' in decodeMessage(frame)) return frame;
    }
  }

  #withBytesChanged(frame: Uint8Array): Uint8Array {
    const random = this.#random;
    const changed = frame.slice();
    switch (random.below(5)) {
      case 0:
        return changed.subarray(0, random.below(frame.length + 1));
      case 1:
        return Buffer.concat([changed, random.bytes(1 + random.below(20))]);
      case 2:
        // Lengths stand at the beginning.
        new DataView(changed.buffer).setUint32(0, random.pick([0, 1, 2 ** 31, 2 ** 32 - 1, frame.length]));
        return changed;
      case 3: {
        const other = random.pick(this.#genuine);
        return Buffer.concat([
          changed.subarray(0, random.below(frame.length)),
          other.subarray(random.below(other.length)),
        ]);
      }
      default:
        for (let flips = 1 + random.below(4); flips > 0; flips -= 1)
          changed[random.below(frame.length)]! ^= 1 << random.below(8);
        return changed;
    }
  }

  #changeHeader(header: Record<string, unknown>): void {
    const random = this.#random;
    const key = random.pick(Object.keys(header));
    switch (random.below(4)) {
      case 0:
        header[random.pick(['extra', '__proto__x', 'parts', 'kind ', 'constructor'])] =
          random.pick(ODD_VALUES);
        break;
      case 1:
        Reflect.deleteProperty(header, key);
        break;
      case 2:
        header['kind'] = takeApart(random.pick(this.#genuine))?.header['kind'];
        break;
      default:
        header[key] = random.pick(ODD_VALUES);
    }
  }

  #changeParts(parts: Uint8Array[]): void {
    const random = this.#random;
    const at = random.below(Math.max(1, parts.length));
    const others = takeApart(random.pick(this.#genuine))?.parts ?? [];
    switch (random.below(5)) {
      case 0:
        parts.splice(at, 1);
        break;
      case 1:
        parts.splice(at, 0, ...others.slice(0, 1));
        break;
      case 2:
        parts[at] = others[0] ?? new Uint8Array(0);
        break;
      case 3:
        parts[at] = random.bytes(random.pick([0, 1, 63, 64, 65, 96, 300]));
        break;
      default: {
        const part = parts[at]?.slice();
        if (part === undefined || part.length === 0) return;
        part[random.below(part.length)]! ^= 1 << random.below(8);
        parts[at] = part;
      }
    }
  }

  /** What it says is changed, and the signature not: whoever reads before he checks is caught. */
  #changeStatement(parts: Uint8Array[]): void {
    const [signed] = parts;
    if (signed === undefined || signed.length <= SIGNATURE_BYTES) return;
    const statement = toJson(signed.subarray(SIGNATURE_BYTES));
    if (statement === undefined) return;
    this.#changeHeader(statement);
    const text = encoder.encode(JSON.stringify(statement));
    parts[0] = Buffer.concat([signed.subarray(0, SIGNATURE_BYTES), text]);
  }
}

function takeApart(frame: Uint8Array): Taken | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headerLength = view.getUint32(0);
  const header = toJson(frame.subarray(4, 4 + headerLength));
  if (header === undefined) return undefined;
  const parts: Uint8Array[] = [];
  let at = 4 + headerLength + 2;
  while (at < frame.length) {
    const end = at + 4 + view.getUint32(at);
    parts.push(frame.subarray(at + 4, end));
    at = end;
  }
  return { header, parts };
}

function putTogether({ header, parts }: Taken): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(header));
  const length = (size: number, count: number): Uint8Array => {
    const buffer = Buffer.alloc(size);
    buffer.writeUIntBE(count, 0, size);
    return buffer;
  };
  const written = parts.flatMap((part) => [length(4, part.length), part]);
  return Buffer.concat([length(4, bytes.length), bytes, length(2, parts.length), ...written]);
}

function toJson(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
