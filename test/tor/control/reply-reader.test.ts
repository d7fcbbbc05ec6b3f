import { Buffer } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { isEventLine } from '../../../src/tor/control/event-line.js';
import { LineSplitter } from '../../../src/tor/control/line-splitter.js';
import { REPLY_BYTES_MAX, ReplyReader, type ReplyOutput } from '../../../src/tor/control/reply-reader.js';
import { readDialogue, toExchanges } from './dialogues.js';
import { cut } from './cut.js';

function outputs(lines: readonly string[], reader = new ReplyReader()): ReplyOutput[] {
  return lines.map((line) => reader.take(line)).filter((output) => output !== undefined);
}

describe('reply reader', () => {
  it('reads a reply of one line', () => {
    expect(outputs(['250 OK', '552 Unrecognized key "x"'])).to.deep.equal([
      { kind: 'reply', reply: { code: 250, lines: [{ text: 'OK' }] } },
      { kind: 'reply', reply: { code: 552, lines: [{ text: 'Unrecognized key "x"' }] } },
    ]);
  });

  it('reads a reply of several lines', () => {
    expect(outputs(['250-ORPort=9001', '250 ORPort=[::]:9001'])).to.deep.equal([
      { kind: 'reply', reply: { code: 250, lines: [{ text: 'ORPort=9001' }, { text: 'ORPort=[::]:9001' }] } },
    ]);
  });

  it('reads a data block and takes the doubled dots away', () => {
    expect(outputs(['250+ns/id/A=', 's Exit', '..', '...x', '250 no end', '', '.', '250 OK'])).to.deep.equal([
      {
        kind: 'reply',
        reply: {
          code: 250,
          lines: [{ text: 'ns/id/A=', data: ['s Exit', '.', '..x', '250 no end', ''] }, { text: 'OK' }],
        },
      },
    ]);
  });

  it('passes over asynchronous lines of every form, between and inside replies', () => {
    const lines = [
      ...['650 BW 1 2', '650-STATUS', '650 END', '250-version=1'],
      ...['650 BW 3 4', '650+NS', '250 is data', '.', '650 OK', '250 OK'],
    ];
    expect(outputs(lines)).to.deep.equal([
      { kind: 'reply', reply: { code: 250, lines: [{ text: 'version=1' }, { text: 'OK' }] } },
    ]);
  });

  it('keeps nothing of an asynchronous data block, however long', () => {
    const reader = new ReplyReader();
    reader.take('650+NS');
    for (let at = 0; at < 2000; at++) expect(reader.take('x'.repeat(100))).to.equal(undefined);
    expect(outputs(['.', '650 OK', '250 OK'], reader)).to.have.length(1);
  });

  it('refuses what is no reply', () => {
    for (const line of [
      '',
      '25',
      '250',
      '250_OK',
      'HTTP/1.1 400 Bad Request',
      '050 OK',
      ' 250 OK',
      '2x0 OK',
    ]) {
      expect(outputs([line]), line).to.deep.equal([{ kind: 'fault', code: 'malformed-reply' }]);
    }
  });

  it('takes a reply as long as the limit and refuses one byte more', () => {
    const half = REPLY_BYTES_MAX / 2;
    for (const last of [half - 6, half - 5]) {
      const lines = [`250-${'x'.repeat(half - 6)}`, `250 ${'x'.repeat(last)}`];
      expect(outputs(lines).map(({ kind }) => kind)).to.deep.equal([last === half - 6 ? 'reply' : 'fault']);
      const data = ['250+k=', ...Array.from({ length: half }, () => ''), '.'];
      expect(outputs(data)[0]).to.deep.equal({ kind: 'fault', code: 'reply-too-long' });
    }
  });

  it('counts each reply by itself', () => {
    const line = `250 ${'x'.repeat(REPLY_BYTES_MAX - 6)}`;
    expect(outputs([line, line, line]).map(({ kind }) => kind)).to.deep.equal(['reply', 'reply', 'reply']);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 })), (lines) => {
        outputs(lines);
      }),
    );
  });

  it('reads a whole recorded session the same, however its bytes are cut', function () {
    this.timeout(240_000);
    const dialogue = readDialogue('session.mid1.2.both.txt.gz');
    const relayLines = dialogue.filter(({ from }) => from === 'relay').map(({ line }) => line);
    const bytes = Buffer.from(relayLines.map((line) => `${line}\r\n`).join(''), 'latin1');
    const events = relayLines.filter((line) => line.startsWith('650 '));
    const replies = toExchanges(dialogue).length;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 300 }), (places) => {
        const seen: string[] = [];
        let ends = 0;
        const reader = new ReplyReader();
        const splitter = new LineSplitter((chunk, start, end) => {
          const line = chunk.toString('latin1', start, end);
          if (isEventLine(chunk, start, end)) seen.push(line);
          else if (reader.take(line)?.kind === 'reply') ends += 1;
        });
        cut(bytes, places).forEach((chunk) => splitter.push(chunk));
        expect(seen).to.deep.equal(events);
        expect(ends).to.equal(replies);
      }),
      { numRuns: 20 },
    );
  });
});

describe('event line', () => {
  it('knows the events that are counted by their first bytes', () => {
    const isEvent = (line: string): boolean => isEventLine(Buffer.from(`xx${line}yy`), 2, 2 + line.length);
    expect(isEvent('650 PRIVCOUNT_')).to.equal(true);
    expect(isEvent('650 PRIVCOUNT_STREAM_ENDED 1')).to.equal(true);
    expect(isEvent('650 BW 1 2')).to.equal(true);
    expect(isEvent('650 ORCONN x')).to.equal(true);
    for (const line of [
      '',
      '650 PRIVCOUNT',
      '650 BW',
      '650 BUILDTIMEOUT_SET 1',
      '650 ORCONN',
      '650 STREAM_BW 1 2',
      '650 privcount_stream_ended',
      '650-PRIVCOUNT_X',
      '250 PRIVCOUNT_X',
    ]) {
      expect(isEvent(line), line).to.equal(false);
    }
  });
});
