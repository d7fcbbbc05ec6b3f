import { expect } from 'chai';
import fc from 'fast-check';
import { barOf, fitted, printable, terminalOn } from '../../src/cli/terminal.js';
import { FakeTerminal } from './fake-terminal.js';

describe('a terminal', () => {
  it('is one where the stream says so, and neither TERM nor CI is against it', () => {
    const stream = new FakeTerminal();
    expect(terminalOn(stream, {})).to.not.equal(undefined);
    expect(terminalOn(stream, { TERM: 'xterm', CI: '' })).to.not.equal(undefined);
    expect(terminalOn(stream, { CI: 'false' })).to.not.equal(undefined);
    expect(terminalOn(stream, { TERM: 'dumb' })).to.equal(undefined);
    expect(terminalOn(stream, { CI: '1' })).to.equal(undefined);
    expect(terminalOn(new FakeTerminal({ isTTY: false }), {})).to.equal(undefined);
    expect(terminalOn({ write: () => true }, {})).to.equal(undefined);
  });

  it('has colours unless NO_COLOR has any value but none', () => {
    const stream = new FakeTerminal();
    expect(terminalOn(stream, {})!.hasColours).to.equal(true);
    expect(terminalOn(stream, { NO_COLOR: '' })!.hasColours).to.equal(true);
    expect(terminalOn(stream, { NO_COLOR: '0' })!.hasColours).to.equal(false);
  });

  it('says its size of now, or a usual one', () => {
    const stream = new FakeTerminal({ columns: 100, rows: 30 });
    const terminal = terminalOn(stream, {})!;
    expect([terminal.columns(), terminal.rows()]).to.deep.equal([100, 30]);
    stream.columns = 0;
    stream.rows = 10;
    expect([terminal.columns(), terminal.rows()]).to.deep.equal([80, 10]);
  });
});

describe('text for a terminal', () => {
  it('has nothing in it that a terminal would obey, nor that turns the direction of writing', () => {
    const text = 'a\u001b[31mb\u0007\r\n\u009b2J\u202ec\u2028d\ue000\ud800';
    expect(printable(text)).to.equal(
      'a\\u{1b}[31mb\\u{7}\\u{d}\\u{a}\\u{9b}2J\\u{202e}c\\u{2028}d\\u{e000}\\u{d800}',
    );
    expect(printable('Ümläut, 名前, ok')).to.equal('Ümläut, 名前, ok');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(printable(any))),
    );
  });

  it('is cut where it is too long, and says so', () => {
    expect(fitted('keeper-1', 8)).to.equal('keeper-1');
    expect(fitted('keeper-1', 7)).to.equal('keep...');
    expect(fitted('keeper-1', 3)).to.equal('...');
    expect(fitted('keeper-1', 2)).to.equal('..');
    expect(fitted('keeper-1', 0)).to.equal('');
    expect(fitted('名前名前', 8), 'wide letters').to.equal('名前名前');
    expect(fitted('名前名前', 7)).to.equal('名前...');
  });
});

describe('a bar', () => {
  it('is as wide as it is told, and full when all is done', () => {
    expect(barOf(0, 12)).to.equal('[----------]');
    expect(barOf(0.5, 12)).to.equal('[#####-----]');
    expect(barOf(1, 12)).to.equal('[##########]');
    expect(barOf(-3, 5)).to.equal('[---]');
    expect(barOf(7, 5)).to.equal('[###]');
  });
});
