import { expect } from 'chai';
import { EXIT } from '../../src/cli/exit-codes.js';
import * as limits from '../../src/protocol/limits.js';
import { tableBelow } from './documents.js';

describe('numbers in the documents', () => {
  it('gives every limit of the protocol with the value that the code has', () => {
    const written = tableBelow('doc/protocol.md', 'Limits').map(([name, value]) => [
      name,
      Number(value!.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(written)).to.deep.equal({ ...limits });
    expect(written).to.have.length(Object.keys(limits).length);
  });

  it('gives every exit code with the number that the code has', () => {
    const written = tableBelow('doc/operating.md', 'Exit codes').map(([code, name]) => [name, Number(code)]);
    expect(Object.fromEntries(written)).to.deep.equal({ ...EXIT });
  });
});
