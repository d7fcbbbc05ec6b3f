import { expect } from 'chai';
import fc from 'fast-check';
import { parseQuotedBytes, quoteText } from '../../../src/tor/control/quoted-string.js';
import { parseProtocolInfo } from '../../../src/tor/control/protocol-info.js';
import {
  isTrafficModelArgument,
  toTrafficModelArgument,
} from '../../../src/tor/control/traffic-model-argument.js';

function parsed(line: string, from = 0): string | undefined {
  const quoted = parseQuotedBytes(line, from);
  return quoted === undefined ? undefined : Buffer.from(quoted.bytes).toString('utf8');
}

describe('quoted string', () => {
  it('escapes quotes, backslashes and what is not printable ASCII', () => {
    expect(quoteText('/a "b"\\c')).to.equal('"/a \\"b\\"\\\\c"');
    expect(quoteText('é\n')).to.equal('"\\303\\251\\012"');
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parsed(quoteText(text))).to.equal(text);
      }),
    );
  });

  it('reads the escapes of C and ends at the closing quote', () => {
    expect(parsed('"a\\n\\r\\t\\"\\\\\\\'\\7\\101"rest')).to.equal('a\n\r\t"\\\'\u0007A');
    expect(parseQuotedBytes('x="ab" y', 2)?.end).to.equal(6);
    expect(parsed('"\\400"')).to.equal(' 0');
  });

  it('is none without both quotes', () => {
    for (const line of ['', 'abc', '"abc', '"abc\\"', '"abc\\', '\\"abc"']) {
      expect(parsed(line), line).to.equal(undefined);
    }
  });
});

describe('protocol info', () => {
  function info(auth: string, code = 250): ReturnType<typeof parseProtocolInfo> {
    return parseProtocolInfo({ code, lines: [{ text: 'PROTOCOLINFO 1' }, { text: auth }, { text: 'OK' }] });
  }

  it('tells the methods and the cookie file, whose name may hold quotes and spaces', () => {
    const given = info('AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/var/lib/a \\"b\\" \\\\\\303\\251/c"');
    expect([...given!.methods]).to.deep.equal(['COOKIE', 'SAFECOOKIE']);
    expect(given!.cookieFile).to.equal('/var/lib/a "b" \\é/c');
  });

  it('has no cookie file where none is named or its quotes are wrong', () => {
    expect(info('AUTH METHODS=HASHEDPASSWORD')?.cookieFile).to.equal(undefined);
    expect(info('AUTH METHODS=SAFECOOKIE COOKIEFILE="/a')?.cookieFile).to.equal(undefined);
    expect(info('AUTH METHODS=SAFECOOKIE COOKIEFILE=/a')?.cookieFile).to.equal(undefined);
  });

  it('is undefined for a refusal and for a reply without methods', () => {
    expect(info('AUTH METHODS=NULL', 514)).to.equal(undefined);
    expect(info('AUTH')).to.equal(undefined);
    expect(info('AUTH METHODS=')).to.equal(undefined);
  });
});

describe('traffic model argument', () => {
  it('has semicolons for commas and no space, but not inside names', () => {
    const json = '{"a, \\"b\\"": [1, 2.5,\n 3],\t"+": {"$": [1.0, 0.0]}}';
    expect(toTrafficModelArgument(json)).to.equal('{"a, \\"b\\"":[1;2.5;3];"+":{"$":[1.0;0.0]}}');
  });

  it('is what the relay can read again', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(isTrafficModelArgument(toTrafficModelArgument(json))).to.equal(true);
      }),
    );
    expect(isTrafficModelArgument('{bad')).to.equal(false);
    expect(isTrafficModelArgument('')).to.equal(false);
  });
});
