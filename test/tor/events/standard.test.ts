/** tor's own events: what is read of them, and what is passed over. */
import { expect } from 'chai';
import { BANDWIDTH } from '../../../src/tor/events/bandwidth.js';
import { type EventTable, type Fault } from '../../../src/tor/events/event-parser.js';
import { IS_RELAY, OR_CONNECTION, OR_STATUSES } from '../../../src/tor/events/or-connection.js';
import { parserOf } from '../../../src/tor/events/parsers.js';
import { describeWithSharedData, readShared } from '../../support/shared-data.js';

const FINGERPRINT = `$${'0aB9'.repeat(10)}`;

function parse(table: EventTable, fields: string): Fault | undefined {
  const bytes = Buffer.from(`x ${fields} y`, 'latin1');
  return parserOf(table).parse(bytes, 2, bytes.length - 2);
}

/** The number that stands for the target, or the fault. */
function targetOf(target: string): number | Fault {
  const parser = parserOf(OR_CONNECTION);
  const bytes = Buffer.from(`${target} CONNECTED ID=5`, 'latin1');
  return parser.parse(bytes, 0, bytes.length) ?? parser.record.numbers[OR_CONNECTION.at.target]!;
}

describe('ORCONN', () => {
  it('shows relays by fingerprint, with a nickname or without, and all others by address and port', () => {
    for (const target of [FINGERPRINT, `${FINGERPRINT}~relay1`, `${FINGERPRINT}~${'n'.repeat(19)}`])
      expect(targetOf(target), target).to.equal(IS_RELAY);
    for (const target of ['192.0.2.1:0', '127.0.0.1:65535']) expect(targetOf(target), target).to.equal(4);
    for (const target of ['[2001:db8::1]:443', '2001:db8::1:443', '::1:50732', '1:2:3:4:5:6:7:8:9'])
      expect(targetOf(target), target).to.equal(6);
  });

  it('is rejected if the other side is neither', () => {
    const bad = [
      ...[
        '192.0.2.1',
        '192.0.2.1:',
        '192.0.2.1:65536',
        '192.0.2.1:000443',
        '192.0.2.1:4x',
        ':443',
        'host:443',
      ],
      ...[
        '[192.0.2.1]:443',
        '2001:db8::1',
        '1:2:3:4:5:6:7:8',
        '[]:443',
        '[:443',
        ']:443',
        '[2001:db8::1:443',
      ],
      ...[FINGERPRINT.slice(0, -1), `${FINGERPRINT}0`, `${FINGERPRINT}=relay`, `$${'g'.repeat(40)}`, '$'],
    ];
    for (const target of bad)
      expect(targetOf(target), target).to.deep.equal({ field: 'target', reason: 'not-an-address' });
    expect(targetOf(`${FINGERPRINT}~${'n'.repeat(23)}`)).to.deep.equal({
      field: 'target',
      reason: 'wrong-length',
    });
  });

  it('has one of five statuses and an id; other words may be any', () => {
    for (const status of OR_STATUSES)
      expect(parse(OR_CONNECTION, `192.0.2.1:9 ${status} ID=18446744073709551615`)).to.equal(undefined);
    const fault = (fields: string): Fault | undefined => parse(OR_CONNECTION, fields);
    expect(fault('192.0.2.1:9 CLOSED REASON=NEW_ONE NCIRCS=3 MORE=1 WORD  ID=1 =')).to.equal(undefined);
    expect(fault('192.0.2.1:9 OTHER ID=1')).to.deep.equal({ field: 'status', reason: 'malformed-field' });
    expect(fault('192.0.2.1:9')).to.deep.equal({ field: '(event)', reason: 'field-count' });
    expect(fault('192.0.2.1:9 NEW')).to.deep.equal({ field: 'ID', reason: 'missing-field' });
    expect(fault('192.0.2.1:9 NEW ID=-1')).to.deep.equal({ field: 'ID', reason: 'out-of-range' });
    expect(fault('192.0.2.1:9 NEW ID=1 ID=1')).to.deep.equal({ field: 'ID', reason: 'repeated-field' });
    expect(fault('192.0.2.1:9 NEW ID=1 NCIRCS=x')).to.deep.equal({
      field: 'NCIRCS',
      reason: 'not-an-integer',
    });
    expect(fault('192.0.2.1:9 NEW ID=1 COUNTRY=usa')).to.deep.equal({
      field: 'COUNTRY',
      reason: 'wrong-length',
    });
  });
});

describe('BW', () => {
  it('has two numbers, and perhaps more', () => {
    expect(parse(BANDWIDTH, '0 18446744073709551615')).to.equal(undefined);
    expect(parse(BANDWIDTH, '1901404 1993353 DIR=5 WORD')).to.equal(undefined);
    expect(parse(BANDWIDTH, '1')).to.deep.equal({ field: '(event)', reason: 'field-count' });
    expect(parse(BANDWIDTH, '1 -2')).to.deep.equal({ field: 'written', reason: 'out-of-range' });
    expect(parse(BANDWIDTH, ' 1 2')).to.deep.equal({ field: 'read', reason: 'not-an-integer' });
  });
});

describeWithSharedData('standard events of real relays', () => {
  for (const name of ['sguard1', 'sexit1']) {
    it(`are all valid in the dialogue of ${name}`, () => {
      const dialogue = readShared(`metrics/control.${name}.2.txt.gz`).toString('latin1');
      const lines = [...dialogue.matchAll(/ S 650 (ORCONN|BW) (.*?)\r?\n/g)];
      for (const [, event, fields] of lines)
        expect(parse(event === 'BW' ? BANDWIDTH : OR_CONNECTION, fields!), fields).to.equal(undefined);
      expect(lines.length).to.be.greaterThan(130);
    });
  }
});
