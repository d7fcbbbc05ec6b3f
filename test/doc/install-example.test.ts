import { expect } from 'chai';
import { sensitivitiesOf, tableDigest } from '../../src/cli/tally-noise.js';
import { parseNetwork } from '../../src/config/network-file.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { toHex } from '../../src/core/hex.js';
import { noiseVariance } from '../../src/core/network.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { blockOf, readProjectFile } from './documents.js';

const INSTALL = 'INSTALL.md';

describe('the network that INSTALL.md builds', () => {
  const bytes = new TextEncoder().encode(blockOf(INSTALL, 'config: network'));
  const network = parseNetwork({ file: 'network.yaml', bytes });
  const noise = parseNoise({
    file: 'counters.noise.yaml',
    bytes: new TextEncoder().encode(blockOf(INSTALL, 'config: noise')),
  });

  it('has the sensitivities of its noise file', () => {
    expect(tableDigest(sensitivitiesOf(noise))).to.equal(network.privacy.sensitivitiesDigest);
  });

  it('has the excess noise ratio that its weights add up to', () => {
    const weights = network.collectors.map(({ noiseWeight }) => noiseWeight);
    expect(readProjectFile(INSTALL)).to.include(`excess noise ratio ${noiseVariance(weights).toFixed(4)}`);
    expect(blockOf(INSTALL, 'config: noise')).to.include(
      `excess_noise_ratio: ${noiseVariance(weights).toFixed(0)}`,
    );
  });

  it('has the id and the digest that `privcount check` is shown to print', () => {
    expect(readProjectFile(INSTALL)).to.include(`network ${network.name}, id ${toHex(sha256(bytes))}`);
    expect(readProjectFile(INSTALL)).to.include(
      `sensitivities: digest ${network.privacy.sensitivitiesDigest}`,
    );
  });
});
