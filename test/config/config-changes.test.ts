import { expect } from 'chai';
import { configChanges } from '../../src/config/config-changes.js';

describe('the changes of a configuration', () => {
  const old = {
    collectPeriodMs: 600_000,
    noiseOff: false,
    accept: /^Exit/u,
    noise: { kind: 'noise', file: '/a/noise.yaml' },
    lists: { domains: ['/a/one', '/a/two'], countries: [] },
    trafficModelFile: undefined,
    rounds: Infinity,
  };

  it('are none if nothing has changed', () => {
    expect(
      configChanges(old, { ...old, accept: /^Exit/u, lists: { ...old.lists, countries: [] } }),
    ).to.deep.equal([]);
  });

  it('are told by key, with what was and what is', () => {
    const young = {
      ...old,
      collectPeriodMs: 60_000,
      accept: undefined,
      noise: { kind: 'sigmas', file: '/a/noise.yaml' },
      lists: { domains: ['/a/one'], countries: ['/b'] },
      trafficModelFile: '/a/model.json',
      rounds: 3,
      checkpoint: true,
    };
    expect(configChanges(old, young)).to.deep.equal([
      { key: 'collectPeriodMs', old: '600000', new: '60000' },
      { key: 'accept', old: '/^Exit/u', new: 'nothing' },
      { key: 'noise.kind', old: '"noise"', new: '"sigmas"' },
      { key: 'lists.domains', old: '/a/one, /a/two', new: '/a/one' },
      { key: 'lists.countries', old: 'a list of 0', new: '/b' },
      { key: 'trafficModelFile', old: 'nothing', new: '"/a/model.json"' },
      { key: 'rounds', old: 'Infinity', new: '3' },
      { key: 'checkpoint', old: 'nothing', new: 'true' },
    ]);
  });

  it('are of a whole map where one takes the place of something else', () => {
    expect(configChanges({ noise: undefined }, { noise: { kind: 'noise' } })).to.deep.equal([
      { key: 'noise', old: 'nothing', new: 'a map' },
    ]);
  });

  it('look into lists of maps', () => {
    const source = { port: 9051, host: 'a' };
    expect(configChanges({ sources: [source] }, { sources: [{ ...source }] })).to.deep.equal([]);
    expect(configChanges({ sources: [source] }, { sources: [{ ...source, port: 1 }] })).to.deep.equal([
      { key: 'sources', old: 'a list of 1', new: 'a list of 1' },
    ]);
  });
});
