import { mock } from 'node:test';
import { expect } from 'chai';
import { ChannelMemory, HELD_BYTES_MAX } from '../../src/io/channel-memory.js';

describe('the memory of all channels', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  /** Channels that hold so much, and which of them are cut off within a second. */
  function cutOffOf(...bytes: readonly number[]): number[] {
    const memory = new ChannelMemory();
    const cut: number[] = [];
    const channels = bytes.map((held, at) => ({ heldBytes: () => held, cutOff: () => void cut.push(at) }));
    for (const channel of channels) memory.add(channel);
    mock.timers.tick(1_000);
    memory.close();
    return cut;
  }

  it('may be used up', () => {
    expect(cutOffOf(HELD_BYTES_MAX - 1, 1)).to.deep.equal([]);
  });

  it('is taken from those that hold most, and from nobody else', () => {
    const part = HELD_BYTES_MAX / 4;
    expect(cutOffOf(1, part, part * 2, part, part * 3, 1)).to.deep.equal([4, 2]);
    expect(cutOffOf(10, HELD_BYTES_MAX)).to.deep.equal([1]);
  });

  it('is not that of channels which are gone', () => {
    const memory = new ChannelMemory();
    const channel = {
      heldBytes: () => 2 * HELD_BYTES_MAX,
      cutOff: () => {
        throw new Error('it is gone');
      },
    };
    memory.add(channel);
    memory.remove(channel);
    mock.timers.tick(1_000);
    memory.close();
  });
});
