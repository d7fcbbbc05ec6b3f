import { expect } from 'chai';
import fc from 'fast-check';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { HEADER_BYTES_MAX, PARTS_MAX, REASON_LENGTH_MAX } from '../../src/protocol/limits.js';
import { partCounts, type Message, type MessageKind } from '../../src/protocol/messages.js';
import { RandomSource } from '../support/random-source.js';
import { anyMessage, messageKinds, messageOf } from './arbitraries.js';

const ROUND_ID = '5a'.repeat(16);
const NOT_A_HEADER = 'the header is not that of any message';
const NOT_EXACT = 'the parts do not fill the frame exactly';

/** A frame made by hand, for headers that no message has. */
function frameOf(header: unknown, parts: readonly Uint8Array[] = [], count = parts.length): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return frameOfBytes(Buffer.from(text), parts, count);
}

function frameOfBytes(header: Uint8Array, parts: readonly Uint8Array[] = [], count = parts.length) {
  const number = (value: number, bytes: number) => {
    const encoded = Buffer.alloc(bytes);
    encoded.writeUIntBE(value, 0, bytes);
    return encoded;
  };
  const pieces = parts.flatMap((part) => [number(part.length, 4), part]);
  return Buffer.concat([number(header.length, 4), header, number(count, 2), ...pieces]);
}

function faultOf(frame: Uint8Array): string | undefined {
  const decoded = decodeMessage(frame);
  return 'fault' in decoded ? decoded.fault : undefined;
}

function sampleOf(kind: MessageKind): Message {
  return fc.sample(messageOf(kind), { numRuns: 1, seed: 1 })[0]!;
}

function partsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => Uint8Array.of(7));
}

describe('frames', () => {
  it('give back every message of every kind', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).to.deep.equal({ message });
      }),
      { numRuns: 500 },
    );
  });

  it('are laid out as the documentation says', () => {
    const frame = encodeMessage({
      kind: 'report',
      roundId: ROUND_ID,
      parts: [Uint8Array.of(1, 2), Uint8Array.of()],
    });
    const header = `{"kind":"report","roundId":"${ROUND_ID}"}`;
    const length = [0, 0, 0, header.length];
    expect([...frame]).to.deep.equal([...length, ...Buffer.from(header), 0, 2, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0]);
  });

  it('may be a view into a larger buffer, and their parts are views of them', () => {
    const frame = encodeMessage({ kind: 'vote', roundId: ROUND_ID, parts: [Uint8Array.of(1, 2, 3)] });
    const buffer = new Uint8Array(frame.length + 20);
    buffer.set(frame, 7);
    const decoded = decodeMessage(buffer.subarray(7, 7 + frame.length));
    if ('fault' in decoded) throw new Error(decoded.fault);
    expect(decoded.message.parts).to.deep.equal([Uint8Array.of(1, 2, 3)]);
    expect(decoded.message.parts[0]!.buffer).to.equal(buffer.buffer);
  });

  it('are refused when cut at any byte, or with a byte too many', () => {
    for (const kind of messageKinds) {
      const frame = encodeMessage(sampleOf(kind));
      for (let length = 0; length < frame.length; length += 1) {
        expect(faultOf(frame.subarray(0, length)), `${kind} cut at ${length}`).to.be.a('string');
      }
      expect(faultOf(Buffer.concat([frame, Buffer.of(0)])), kind).to.equal(NOT_EXACT);
    }
  });

  it('say what is wrong with them', () => {
    expect(faultOf(new Uint8Array(5))).to.equal('the frame is too short');
    expect(faultOf(Uint8Array.of(0, 0, 0, 1, 0, 0))).to.equal('the frame ends within its header');
    expect(faultOf(frameOf({ kind: 'vote', roundId: ROUND_ID }, partsOf(1), 2))).to.equal(NOT_EXACT);
    expect(faultOf(frameOf('{}'))).to.equal(NOT_A_HEADER);
  });

  it('have headers of 16 KiB at most', () => {
    const json = JSON.stringify({ kind: 'started', roundId: ROUND_ID, generation: 1 });
    const fits = json + ' '.repeat(HEADER_BYTES_MAX - json.length);
    expect(faultOf(frameOf(fits))).to.equal(undefined);
    expect(faultOf(frameOf(`${fits} `))).to.equal(`the header is longer than ${HEADER_BYTES_MAX} bytes`);
  });

  it('have headers of good UTF-8 and JSON', () => {
    expect(faultOf(frameOfBytes(Buffer.of(0xff, 0xfe)))).to.equal(NOT_A_HEADER);
    for (const text of ['', '{', 'null', '[]', '1', '"vote"', '['.repeat(10_000)]) {
      expect(faultOf(frameOf(text)), text.slice(0, 10)).to.equal(NOT_A_HEADER);
    }
  });

  it('have the number of parts that their kind has, no part less and none more', () => {
    for (const kind of messageKinds) {
      const { parts, ...header } = sampleOf(kind);
      expect(parts.length).to.be.at.most(partCounts[kind][1]);
      const [min, max] = partCounts[kind];
      for (const count of [min, max])
        expect(faultOf(frameOf(header, partsOf(count))), kind).to.equal(undefined);
      for (const count of [min - 1, max + 1].filter((number) => number >= 0)) {
        const fault = `a ${kind} has ${min} to ${max} parts, not ${count}`;
        expect(faultOf(frameOf(header, partsOf(count)))).to.equal(fault);
      }
    }
  });

  it('have no more parts than any kind has', () => {
    expect(Math.max(...Object.values(partCounts).map(([, max]) => max))).to.be.at.most(PARTS_MAX);
    const header = { kind: 'answer', roundId: ROUND_ID, send: [] };
    expect(faultOf(frameOf(header, partsOf(PARTS_MAX)))).to.include('parts, not 300');
    expect(faultOf(frameOf(header, partsOf(PARTS_MAX + 1)))).to.equal(NOT_EXACT);
  });

  it('have parts that end within the frame', () => {
    const frame = encodeMessage({ kind: 'vote', roundId: ROUND_ID, parts: [Uint8Array.of(1, 2)] });
    const lengthAt = frame.length - 6;
    for (const length of [0, 1, 3, 0x7fff_ffff, 0xffff_ffff]) {
      const changed = Buffer.from(frame);
      changed.writeUInt32BE(length, lengthAt);
      expect(faultOf(changed), `${length}`).to.equal(NOT_EXACT);
    }
  });
});

describe('headers', () => {
  it('have no unknown key, lack none, and have none of another type', () => {
    for (const kind of messageKinds) {
      const { parts, ...header } = sampleOf(kind);
      for (const key of ['extra', 'parts', '__proto__', 'constructor']) {
        const text = JSON.stringify(header).replace('{', `{"${key}":1,`);
        expect(faultOf(frameOf(text, parts)), `${kind} with ${key}`).to.equal(NOT_A_HEADER);
      }
      for (const key of Object.keys(header)) {
        const changed = { ...header, [key]: { '': 1 } };
        expect(faultOf(frameOf(changed, parts)), `${kind} with a false ${key}`).to.equal(NOT_A_HEADER);
        const isOptional =
          (kind === 'status' && key === 'roundId') || (kind === 'decline' && key === 'about');
        const lacking = Object.fromEntries(Object.entries(header).filter(([name]) => name !== key));
        expect(faultOf(frameOf(lacking, parts)), `${kind} without ${key}`).to.equal(
          isOptional ? undefined : NOT_A_HEADER,
        );
      }
    }
  });

  it('refuse an unknown kind', () => {
    for (const kind of ['', 'Vote', 'ballot', 'toString', '__proto__']) {
      expect(faultOf(frameOf({ kind, roundId: ROUND_ID })), kind).to.equal(NOT_A_HEADER);
    }
  });

  const good = { kind: 'decline', roundId: ROUND_ID, code: 'busy', reason: '' };
  const limits: readonly [title: string, fits: object, tooMuch: object][] = [
    ['a round id of 16 bytes', {}, { roundId: `${ROUND_ID}00` }],
    ['hexadecimal digits in lower case', {}, { roundId: ROUND_ID.toUpperCase() }],
    ['a known reason code', { code: 'internal' }, { code: 'tired' }],
    [
      'a reason of 1000 characters',
      { reason: 'x'.repeat(REASON_LENGTH_MAX) },
      { reason: 'x'.repeat(REASON_LENGTH_MAX + 1) },
    ],
    ['a reason of one line', { reason: 'é ☃ 𝕏' }, { reason: 'one\nround 1: released' }],
    ['a reason without escape sequences', { reason: '[31m' }, { reason: '\u001b[31m' }],
    ['names of 64 characters', aboutOf('n'.repeat(64), 1), aboutOf('n'.repeat(65), 1)],
    ['names of some characters', aboutOf('A-z_0.9', 1), aboutOf('a b', 1)],
    ['generations from 1', aboutOf('n', 1), aboutOf('n', 0)],
    ['generations up to 5000', aboutOf('n', 5000), aboutOf('n', 5001)],
    ['whole generations', aboutOf('n', 2), aboutOf('n', 1.5)],
    ['nothing unknown inside', aboutOf('n', 1), { about: { collector: 'n', generation: 1, box: 1 } }],
  ];
  for (const [title, fits, tooMuch] of limits) {
    it(`take ${title} and nothing past it`, () => {
      expect(faultOf(frameOf({ ...good, ...fits }))).to.equal(undefined);
      expect(faultOf(frameOf({ ...good, ...tooMuch }))).to.equal(NOT_A_HEADER);
    });
  }

  it('name holder sets 0 to 251, at most 252 of them', () => {
    for (const kind of ['certificate', 'answer']) {
      const withSets = (send: number[]) => faultOf(frameOf({ kind, roundId: ROUND_ID, send }, partsOf(1)));
      expect(withSets([0, 251])).to.equal(undefined);
      expect(withSets(Array.from({ length: 252 }, () => 0))).to.equal(undefined);
      for (const send of [[-1], [252], [0.5], Array.from({ length: 253 }, () => 0)])
        expect(withSets(send)).to.equal(NOT_A_HEADER);
    }
  });
});

function aboutOf(collector: string, generation: number) {
  return { about: { collector, generation } };
}

describe('any bytes', () => {
  it('are a message or a fault, and never an exception', () => {
    const random = new RandomSource(20);
    const frames = messageKinds.map((kind) => encodeMessage(sampleOf(kind)));
    let good = 0;
    const FRAMES = 10_000;
    for (let at = 0; at < FRAMES; at += 1) {
      const frame = random.isLikely(0.1)
        ? random.bytes(random.below(200))
        : mutated(random.pick(frames), random);
      const decoded = decodeMessage(frame);
      if ('message' in decoded) good += 1;
      else expect(decoded.fault).to.be.a('string').and.not.equal('');
    }
    // Some changes leave a message good, most do not.
    expect(good).to.be.within(FRAMES / 100, FRAMES / 2);
  });
});

/** One to four changes: a bit, a byte, a number at one of the places of lengths, a piece cut out or said twice. */
function mutated(frame: Uint8Array, random: RandomSource): Uint8Array {
  let bytes = Buffer.from(frame);
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(bytes.length);
    const kind = random.below(5);
    if (kind === 0) bytes[at] = bytes[at]! ^ (1 << random.below(8));
    if (kind === 1) bytes[at] = random.below(256);
    if (kind === 2 && bytes.length >= 4)
      bytes.writeUInt32BE(random.word() >>> random.below(32), random.below(bytes.length - 3));
    if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(20))]);
    if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(at + 1))]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}
