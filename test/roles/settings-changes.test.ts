import { expect } from 'chai';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { settingsChanges } from '../../src/roles/settings-changes.js';
import { SETTINGS } from './role-world.js';

describe('the changes of the settings between two rounds', () => {
  it('are none if nothing has changed', () => {
    const counters = SETTINGS.counters.map((counter) => ({ ...counter, bins: [...counter.bins] }));
    expect(settingsChanges(SETTINGS, { ...SETTINGS, counters })).to.deep.equal([]);
  });

  it('tell times and switches with both values', () => {
    const young = { ...SETTINGS, collectMs: 1, noise: 'off' as const, rounds: Infinity };
    expect(settingsChanges(SETTINGS, young)).to.deep.equal([
      'noise: on -> off',
      `collectMs: ${SETTINGS.collectMs} -> 1`,
      'rounds: 1 -> Infinity',
    ]);
  });

  it('tell counters that come, go, or have other bins or noise', () => {
    const [first, second] = SETTINGS.counters;
    const added = Array.from({ length: 7 }, (_, at) => ({ ...first!, name: `New${at}` }));
    const young = {
      ...SETTINGS,
      counters: [{ ...second!, bins: [SINGLE_BIN], sigma: second!.sigma + 1 }, ...added],
    };
    expect(settingsChanges(SETTINGS, young)).to.deep.equal([
      'counters that are counted now: New0, New1, New2, New3, New4 and 2 others',
      `counters that are not counted any more: ${first!.name}`,
      `counters that have other bins: ${second!.name}`,
      `counters that have another sigma: ${second!.name}`,
    ]);
  });

  it('tell lists of which one has other contents, without them', () => {
    const list = (digest: string) => ({ kind: 'domains' as const, digests: [digest.repeat(32)] });
    const old = { ...SETTINGS, lists: [list('ab')] };
    expect(settingsChanges(old, { ...SETTINGS, lists: [list('ab')] })).to.deep.equal([]);
    for (const lists of [[], [list('cd')]]) {
      expect(settingsChanges(old, { ...SETTINGS, lists })).to.deep.equal([
        'the match lists domains have changed',
      ]);
    }
  });

  it('tell what only a restart can change', () => {
    const listen = { ...SETTINGS.listen, port: 7 };
    expect(settingsChanges(SETTINGS, { ...SETTINGS, listen })).to.deep.equal([
      'where to listen has changed, which needs a restart of the tally',
    ]);
  });
});
