import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson, type Json } from '../../src/protocol/canonical-json.js';

/** The same value with the members of every object in another order. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(turned);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, member]) => [key, turned(member)] as const);
  return Object.fromEntries(members.reverse());
}

describe('canonical JSON', () => {
  it('has keys sorted by their UTF-16 units, and no space', () => {
    const value = { b: [1, 2.5, null, true], a: { é: 'x', Z: '', z: false }, '': {}, '10': 0, '9': [] };
    expect(canonicalJson(value)).to.equal(
      '{"":{},"10":0,"9":[],"a":{"Z":"","z":false,"é":"x"},"b":[1,2.5,null,true]}',
    );
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        // JSON itself has no -0.
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is the same however the members are ordered, and of itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(canonicalJson(turned(value as Json))).to.equal(text);
        expect(canonicalJson(JSON.parse(text) as Json)).to.equal(text);
      }),
    );
  });

  it('refuses numbers that JSON does not have', () => {
    for (const value of [Infinity, -Infinity, NaN]) {
      expect(() => canonicalJson(value)).to.throw(RangeError, `JSON has no ${value}`);
      expect(() => canonicalJson({ bins: [value] })).to.throw(RangeError);
    }
  });
});
