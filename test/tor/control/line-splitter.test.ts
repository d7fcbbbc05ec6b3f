import { Buffer } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { cut } from './cut.js';
import { PlainSplitter } from './plain-splitter.js';
import { LINE_BYTES_MAX, LineSplitter } from '../../../src/tor/control/line-splitter.js';

type Given = { readonly lines: string[]; readonly splitter: LineSplitter; readonly buffers: Buffer[] };

function splitter(lineBytesMax?: number): Given {
  const lines: string[] = [];
  const buffers: Buffer[] = [];
  const made = new LineSplitter((bytes, start, end) => {
    lines.push(bytes.toString('latin1', start, end));
    buffers.push(bytes);
  }, lineBytesMax);
  return { lines, buffers, splitter: made };
}

describe('line splitter', () => {
  it('hands on a line that lies whole in a chunk where it lies', () => {
    const { splitter: made, lines, buffers } = splitter();
    const chunk = Buffer.from('250 OK\r\n650 BW 1 2\r\n');
    expect(made.push(chunk)).to.equal(true);
    expect(lines).to.deep.equal(['250 OK', '650 BW 1 2']);
    expect(buffers.every((buffer) => buffer === chunk)).to.equal(true);
  });

  it('takes chunks that are no Buffers, at an offset of theirs', () => {
    const { splitter: made, lines } = splitter();
    const bytes = new TextEncoder().encode('xx250 OK\r\n');
    made.push(new Uint8Array(bytes.buffer, 2, bytes.length - 2));
    expect(lines).to.deep.equal(['250 OK']);
  });

  it('keeps nothing of a line that came in pieces once it was handed on', () => {
    const { splitter: made, lines, buffers } = splitter();
    made.push(Buffer.from('650 ORCONN 192.0.2'));
    made.push(Buffer.from('.1:443 CONNECTED ID=1\r\n650'));
    expect(lines).to.deep.equal(['650 ORCONN 192.0.2.1:443 CONNECTED ID=1']);
    expect(Buffer.concat(buffers).toString('latin1').replaceAll('\0', '')).to.equal('650');
  });

  it('ends a line at LF with or without CR, and keeps a CR inside', () => {
    const { splitter: made, lines } = splitter();
    made.push(Buffer.from('a\nb\r\n\n\r\nc\rd\r\n\r\r\n'));
    expect(lines).to.deep.equal(['a', 'b', '', '', 'c\rd', '\r']);
  });

  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '\r', '.', '\u00ff'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (given, places) => {
          const bytes = Buffer.from(given.map((text) => `${text}\r\n`).join(''), 'latin1');
          const { splitter: made, lines } = splitter();
          cut(bytes, places).forEach((chunk) => expect(made.push(chunk)).to.equal(true));
          expect(lines).to.deep.equal(given);
        },
      ),
    );
  });

  it('does with any bytes, however cut, what its plain version does', () => {
    const bytes = fc
      .uint8Array({ maxLength: 60 })
      .map((array) => array.map((byte) => (byte < 64 ? byte % 16 : byte)));
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 8 }), (given, places) => {
        const { splitter: made, lines } = splitter();
        const expected: string[] = [];
        const plain = new PlainSplitter((line) => expected.push(line));
        for (const chunk of cut(Buffer.from(given), places)) {
          made.push(chunk);
          plain.push(chunk);
        }
        expect(lines).to.deep.equal(expected);
      }),
    );
  });

  it('takes a line as long as the limit and refuses one byte more, whole or in pieces', () => {
    for (const length of [16, 17]) {
      const bytes = Buffer.from(`${'x'.repeat(length)}\r\nnext\r\n`);
      for (const chunks of [[bytes], cut(bytes, [5]), cut(bytes, [length]), cut(bytes, [length + 1])]) {
        const { splitter: made, lines } = splitter(16);
        const isFine = chunks.map((chunk) => made.push(chunk)).every((fine) => fine);
        expect(isFine, `${length} in ${chunks.length}`).to.equal(length === 16);
        expect(lines).to.deep.equal(length === 16 ? ['x'.repeat(16), 'next'] : []);
      }
    }
  });

  it('gives up on a line of 10 MB after 1 MiB of it', () => {
    const { splitter: made, lines } = splitter();
    const chunk = Buffer.alloc(1 << 16, 'x');
    let pushed = 0;
    while (pushed < 10_000_000 && made.push(chunk)) pushed += chunk.length;
    expect(pushed).to.equal(LINE_BYTES_MAX);
    expect(made.push(Buffer.from('\r\n250 OK\r\n'))).to.equal(false);
    expect(lines).to.deep.equal([]);
  });

  it('refuses a line of 10 MB that comes in one chunk', () => {
    const { splitter: made, lines } = splitter();
    expect(made.push(Buffer.from(`${'x'.repeat(10_000_000)}\r\n`))).to.equal(false);
    expect(lines).to.deep.equal([]);
  });

  it('takes a line of 1 MiB byte by byte', () => {
    const { splitter: made, lines } = splitter();
    const byte = Buffer.from('y');
    for (let at = 0; at < LINE_BYTES_MAX; at++) made.push(byte);
    expect(made.push(Buffer.from('\r\n'))).to.equal(true);
    expect(lines.map((line) => line.length)).to.deep.equal([LINE_BYTES_MAX]);
  });

  it('hands on nothing after close, also out of the chunk at hand', () => {
    const lines: string[] = [];
    const made = new LineSplitter((bytes, start, end) => {
      lines.push(bytes.toString('latin1', start, end));
      made.close();
    });
    made.push(Buffer.from('one\r\ntwo\r\n'));
    made.push(Buffer.from('three\r\n'));
    expect(lines).to.deep.equal(['one']);
  });
});
