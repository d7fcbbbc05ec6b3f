import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { compareAllocators, noiseRatioOf } from '../../src/cli/noise-report.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { toNoiseRequest } from '../../src/config/noise-request.js';
import { allocateNoise } from '../../src/privacy/allocation.js';
import { epsilonOf, muOf } from '../../src/privacy/gaussian-dp.js';
import { tableBelow } from './documents.js';

const DOCUMENT = 'doc/privacy-noise.md';
const delta = 1e-3;
const mu = muOf({ epsilon: 0.3, delta }, 'differential');

describe('the tables of doc/privacy-noise.md', () => {
  it('compare the allocators as privcount noise does', () => {
    const file = packagedConfig('noise/privcount-29.yaml');
    const noise = parseNoise({ file, bytes: readFileSync(file) });
    const request = toNoiseRequest(noise, noise.counters, { rate: 1, isSampled: () => false });
    const found = compareAllocators((options) => allocateNoise(request, options)).map(
      ({ title, allocation }) => [
        title,
        `${(100 * noiseRatioOf(allocation)).toFixed(2)} %`,
        allocation.integratedEpsilon.toPrecision(4),
      ],
    );
    expect(tableBelow(DOCUMENT, 'In short').map((row) => row.slice(0, 3))).to.deep.equal(found);
    const shares = found.map((row) => row.slice(0, 2));
    expect(
      tableBelow('doc/privacy.md', 'What the noise protects').map((row) => row.slice(0, 2)),
    ).to.deep.equal(shares);
  });

  it('say what missing noise makes of epsilon', () => {
    for (const [missing, epsilon] of tableBelow(DOCUMENT, 'Who is missing')) {
      const share = Number.parseFloat(missing!) / 100;
      expect(epsilonOf(mu / Math.sqrt(1 - share), delta).toFixed(3), missing).to.equal(epsilon);
    }
  });

  it('say what rounds cost together', () => {
    for (const [rounds, epsilon] of tableBelow(DOCUMENT, 'Over rounds')) {
      expect(epsilonOf(mu * Math.sqrt(Number(rounds)), delta).toFixed(3), rounds).to.equal(epsilon);
    }
  });
});
