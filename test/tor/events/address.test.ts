/** IP addresses of events, against Node's own parser (spec/counters.md, 1.2). */
import { isIPv4, isIPv6 } from 'node:net';

import { expect } from 'chai';
import fc from 'fast-check';

import { readAddress } from '../../../src/tor/events/address.js';

const words = new Uint32Array(6);

function parse(text: string): { version: number; words: number[] } {
  const bytes = Buffer.from(`1${text}:`, 'latin1');
  words.fill(7);
  const version = readAddress(bytes, 1, bytes.length - 1, words, 1);
  expect([words[0], words[5]]).to.deep.equal([7, 7]);
  return { version, words: [...words.subarray(1, 5)] };
}

describe('addresses of events', () => {
  it('are read as numbers', () => {
    expect(parse('1.2.3.4')).to.deep.equal({ version: 4, words: [0x0102_0304, 0, 0, 0] });
    expect(parse('255.255.255.255').words).to.deep.equal([0xffff_ffff, 0, 0, 0]);
    expect(parse('::')).to.deep.equal({ version: 6, words: [0, 0, 0, 0] });
    expect(parse('2001:DB8::1').words).to.deep.equal([0x2001_0db8, 0, 0, 1]);
    expect(parse('1:2:3:4:5:6:7:8').words).to.deep.equal([
      0x0001_0002, 0x0003_0004, 0x0005_0006, 0x0007_0008,
    ]);
    expect(parse('1::').words).to.deep.equal([0x0001_0000, 0, 0, 0]);
    expect(parse('::ffff:1.2.3.4')).to.deep.equal({ version: 6, words: [0, 0, 0xffff, 0x0102_0304] });
  });

  it('have octets with a leading zero only up to 7', () => {
    expect(parse('01.02.007.0').words).to.deep.equal([0x0102_0700, 0, 0, 0]);
    expect(parse('000.0.0.0').version).to.equal(4);
    for (const text of ['08.1.1.1', '1.010.1.1', '1.1.1.0377', '::1.2.3.010'])
      expect(parse(text).version).to.equal(0);
  });

  it('are refused when they are anything else, with the words cleared', () => {
    const wrong = [
      ...[
        '',
        '.',
        ':',
        '1',
        '1.2.3',
        '1.2.3.4.5',
        '1.2.3.',
        '.1.2.3',
        '1..2.3',
        '256.1.1.1',
        '1.2.3.4x',
        ' 1.2.3.4',
      ],
      ...[
        ':::',
        '1:',
        ':1',
        '1::2::3',
        '1:2:3:4:5:6:7',
        '1:2:3:4:5:6:7:8:9',
        '12345::',
        'g::',
        '[::1]',
        '::1%eth0',
      ],
      ...[
        '1:2:3:4:5:6:7:1.2.3.4',
        '1.2.3.4::',
        '::1.2.3.4:5',
        '1:2:3:4:5:6:7::8',
        '::1.2.3',
        'no-host',
        '1.2.3.4/24',
      ],
    ];
    for (const text of wrong) expect(parse(text), text).to.deep.equal({ version: 0, words: [0, 0, 0, 0] });
  });

  it('are judged as Node judges them, leading zeros apart', () => {
    const unit = fc.constantFrom('0', '1', '9', 'a', 'F', ':', '::', '.', '12', '255', '1.2.3.4', ':', ':');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        fc.pre(!/(^|[.:])0\d/.test(text));
        expect(parse(text).version, text).to.equal(isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);
      }),
      { numRuns: 5000 },
    );
  });

  it('have one value however they are written', () => {
    const group = fc.nat({ max: 0xffff });
    fc.assert(
      fc.property(
        fc.tuple(group, group, group, group, group, group, group, group),
        fc.nat({ max: 7 }),
        (groups, gap) => {
          groups[gap] = 0;
          const full = groups
            .map((value) => value.toString(16).padStart(4, '0'))
            .join(':')
            .toUpperCase();
          const short = `${groups
            .slice(0, gap)
            .map((value) => value.toString(16))
            .join(':')}::${groups
            .slice(gap + 1)
            .map((value) => value.toString(16))
            .join(':')}`;
          expect(parse(short)).to.deep.equal(parse(full));
        },
      ),
    );
  });
});
