import { expect } from 'chai';
import { parseTrafficNoise } from '../../src/config/traffic-noise.js';

function parse(text: string, options = {}) {
  return parseTrafficNoise({ file: 'traffic.noise.yaml', bytes: Buffer.from(text) }, options);
}

const ENTRY = 'sensitivity: 2\n    estimated_value: 100\n';

describe('the noise file of a traffic model', () => {
  it('gives the noise of each label', () => {
    const labels = parse(`counters:\n  ExitStreamTrafficModelEmissionCount_<STATE>_<OBS>:\n    ${ENTRY}`);
    expect([...labels]).to.deep.equal([
      ['ExitStreamTrafficModelEmissionCount_<STATE>_<OBS>', { sensitivity: 2, estimatedValue: 100 }],
    ]);
  });

  it('may hold a section privacy, as the original wrote it, which says nothing here', () => {
    const labels = parse(
      `privacy:\n  epsilon: 0.3\ncounters:\n  ExitStreamTrafficModelDelayTime:\n    ${ENTRY}`,
    );
    expect(labels.size).to.equal(1);
  });

  it('is refused with a sensitivity of 0, unless noise is off', () => {
    const text =
      'counters:\n  ExitStreamTrafficModelDelayTime:\n    sensitivity: 0\n    estimated_value: 1\n';
    expect(() => parse(text)).to.throw('counters.ExitStreamTrafficModelDelayTime.sensitivity = 0');
    expect(parse(text, { allowZero: true }).size).to.equal(1);
  });

  it('is refused with another section', () => {
    expect(() => parse(`labels: {}\ncounters:\n  A:\n    ${ENTRY}`)).to.throw('labels');
  });
});
