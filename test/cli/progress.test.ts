import { expect } from 'chai';
import { startProgress } from '../../src/cli/progress.js';
import { terminalOn } from '../../src/cli/terminal.js';
import { FakeTerminal } from './fake-terminal.js';

class World {
  readonly stream: FakeTerminal;
  nowMs = 0;

  constructor(options: ConstructorParameters<typeof FakeTerminal>[0] = {}) {
    this.stream = new FakeTerminal(options);
  }

  start(label: string, total: number) {
    return startProgress(
      { label, total },
      { terminal: terminalOn(this.stream, {}), nowMs: () => this.nowMs },
    );
  }
}

describe('a progress bar', () => {
  it('shows how much is done, and after a while how long the rest takes', () => {
    const world = new World();
    const progress = world.start('reading lists', 10);
    world.nowMs = 500;
    progress.advance();
    expect(world.stream.screen[0]).to.match(/^reading lists \[#{3}-{30}\] {2}10 %$/);
    world.nowMs = 4_000;
    progress.advance(3);
    expect(world.stream.screen).to.have.length(1);
    expect(world.stream.screen[0]).to.match(/^reading lists \[#+-+\] {2}40 %, 6 s left$/);
    world.nowMs = 9_000;
    progress.advance(100);
    expect(world.stream.screen[0]).to.match(/^reading lists \[#+\] 100 %$/);
    progress.end();
    expect(world.stream.screen).to.deep.equal([]);
  });

  it('shows nothing of what is over soon', () => {
    const world = new World();
    const progress = world.start('short', 3);
    for (world.nowMs = 0; world.nowMs < 450; world.nowMs += 150) progress.advance();
    progress.end();
    expect(world.stream.written).to.equal('');
  });

  it('is drawn ten times a second at most, however often it advances', () => {
    const world = new World();
    const progress = world.start('long', 1_000_000);
    for (world.nowMs = 500; world.nowMs < 1_500; world.nowMs += 0.25) progress.advance(250);
    expect(world.stream.written.split('%')).to.have.lengthOf.within(8, 12);
  });

  it('makes room for a line of others, and comes again', () => {
    const world = new World();
    const progress = world.start('a', 2);
    world.nowMs = 1_000;
    progress.advance();
    progress.clear();
    world.stream.write('a line\n');
    world.nowMs = 2_000;
    progress.advance(0);
    expect(world.stream.screen[0]).to.equal('a line');
    expect(world.stream.screen[1]).to.match(/^a \[#+-+\] {2}50 %/);
    progress.end();
    progress.end();
    expect(world.stream.screen).to.deep.equal(['a line']);
  });

  it('fits the width, and escapes what its label has', () => {
    for (const columns of [1, 5, 12, 20, 39, 40, 41, 80, 300]) {
      const world = new World({ columns });
      const progress = world.start('a\u001b[2Jname that goes on and on, and has no end in sight', 3);
      world.nowMs = 10_000;
      progress.advance();
      expect(world.stream.screen.length, `${columns} columns`).to.be.at.most(1);
      expect(world.stream.screen[0]?.length ?? 0).to.be.at.most(Math.max(0, columns - 1));
      if (columns === 80) expect(world.stream.screen[0]).to.include('a\\u{1b}[2Jname');
    }
  });

  it('is as far as nothing where there is nothing to do', () => {
    const world = new World();
    const progress = world.start('nothing', 0);
    world.nowMs = 1_000;
    progress.advance();
    expect(world.stream.screen[0]).to.match(/ {3}0 %$/);
  });

  it('is none where standard error is no terminal', () => {
    const world = new World({ isTTY: false });
    const progress = world.start('long', 2);
    world.nowMs = 10_000;
    progress.advance();
    progress.clear();
    progress.end();
    expect(world.stream.written).to.equal('');
  });
});
