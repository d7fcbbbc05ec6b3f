import { expect } from 'chai';
import { checkNoFaults, ConfigError, showValue } from '../../src/config/config-error.js';

const fault = {
  file: 'etc/a.yaml',
  key: 'tally_server.listen_port',
  problem: 'is too large',
  wanted: 'a port',
};

describe('ConfigError', () => {
  it('says of each fault the file, the key, the value, what is wrong and what would be right', () => {
    const error = new ConfigError([
      { ...fault, value: '70000' },
      { ...fault, key: '' },
    ]);
    expect(error.message).to.equal(
      'etc/a.yaml: tally_server.listen_port = 70000: is too large; wanted: a port\n' +
        'etc/a.yaml: is too large; wanted: a port',
    );
    expect(error.name).to.equal('ConfigError');
  });

  it('shows twenty faults and how many more there are, and holds all', () => {
    const faults = (count: number) => Array.from({ length: count }, () => fault);
    expect(new ConfigError(faults(20)).message.split('\n')).to.have.length(20);
    const error = new ConfigError(faults(5314));
    expect(error.message.split('\n').slice(20)).to.deep.equal(['and 5294 more']);
    expect(error.faults).to.have.length(5314);
  });

  it('is thrown only if there is a fault', () => {
    expect(() => checkNoFaults([])).not.to.throw();
    expect(() => checkNoFaults([fault])).to.throw(ConfigError);
  });
});

describe('showValue', () => {
  it('shows scalars as they are, cut short, and lists and maps by their kind', () => {
    expect([1.5, NaN, -Infinity, true, null, 'a"b', [1, 2], { a: 1 }].map(showValue)).to.deep.equal([
      '1.5',
      'NaN',
      '-Infinity',
      'true',
      'null',
      '"a\\"b"',
      'a list of 2',
      'a map',
    ]);
    expect(showValue('x'.repeat(200))).to.equal(`"${'x'.repeat(79)}...`);
    expect(showValue(undefined)).to.equal(undefined);
  });
});
