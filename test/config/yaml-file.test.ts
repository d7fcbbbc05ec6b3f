import { expect } from 'chai';
import { z } from 'zod';
import { section, wholeNumber } from '../../src/config/fields.js';
import { parseYaml } from '../../src/config/yaml-file.js';
import { faultsOf, source } from './faults.js';

const schema = section({
  a: wholeNumber(1, 9),
  b: section({ c: z.boolean({ error: 'true or false' }) }).optional(),
});
const faults = (text: string): string[] => faultsOf(() => parseYaml(source(text), schema, { old: 'a' }));

describe('parseYaml', () => {
  it('gives the values of a file that is right', () => {
    expect(parseYaml(source('a: 3 # three\nb: {c: true}\n'), schema)).to.deep.equal({ a: 3, b: { c: true } });
  });

  it('reports every fault, with key, value and what would be right', () => {
    expect(faults('a: 12\nb: {c: yes, d: 1}\ne: [1]\nold: 4')).to.deep.equal([
      'a = 12: is too large; wanted: a whole number from 1 to 9',
      'b.c = "yes": is of the wrong kind; wanted: true or false',
      'b.d = 1: is not a key that is known here; wanted: one of: c',
      'e = a list of 1: is not a key that is known here; wanted: one of: a, b',
      'old = 4: is a key of PrivCount 2.0 that is not used any more; wanted: a',
    ]);
    expect(faults('a: 0')).to.deep.equal(['a = 0: is too small; wanted: a whole number from 1 to 9']);
    expect(faults('{}')).to.deep.equal(['a: is missing; wanted: a whole number from 1 to 9']);
  });

  it('does not take an inherited key for one of the file, nor a key of the file for a name of JavaScript', () => {
    expect(faults('a: 1\nconstructor: 2\n__proto__: 3')).to.deep.equal([
      'constructor = 2: is not a key that is known here; wanted: one of: a, b',
      '__proto__ = 3: is not a key that is known here; wanted: one of: a, b',
    ]);
  });

  it('wants a map as the whole', () => {
    for (const text of ['- 1', 'word', '3', '~']) {
      expect(faults(text)[0]).to.match(/: is of the wrong kind; wanted: a map with some of the keys a, b$/);
    }
  });

  it('says what is not YAML, and in which line', () => {
    expect(faults('')).to.deep.equal([
      ': is not YAML: expected a document, but the input is empty; wanted: a file in YAML 1.2',
    ]);
    expect(faults('a: 1\na: 2')).to.deep.equal([
      ': is not YAML: duplicated mapping key (line 2); wanted: a file in YAML 1.2',
    ]);
    expect(faults('a: [1')[0]).to.contain('(line 1)');
    expect(faults('a: !!js/function x')[0]).to.contain('unknown scalar tag');
    expect(faults('a: 1\n---\na: 2')[0]).to.contain('expected a single document');
  });

  it('wants UTF-8, and no more than 16 MiB of it', () => {
    const bytes = (length: number) => new Uint8Array(length).fill(0x20);
    const broken = { file: 'f', bytes: Uint8Array.of(0x61, 0xff) };
    expect(faultsOf(() => parseYaml(broken, schema))).to.deep.equal([
      ': is not text in UTF-8; wanted: a file in UTF-8',
    ]);
    const file = (length: number) =>
      faultsOf(() => parseYaml({ file: 'f', bytes: bytes(length) }, schema))[0];
    expect(file(16 * 1024 * 1024)).to.contain('is not YAML');
    expect(file(16 * 1024 * 1024 + 1)).to.equal(': has 16777217 bytes; wanted: at most 16777216 bytes');
  });

  it('ends on a document that contains itself', () => {
    expect(faults('a: 1\nb: &b {c: *b}')).to.deep.equal([
      'b.c = a map: is of the wrong kind; wanted: true or false',
    ]);
  });
});
