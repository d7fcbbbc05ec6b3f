import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cellCount, toSigned } from '../../src/core/ring.js';
import { createNoiseSource } from '../../src/io/noise-source.js';

async function reasonOf(draw: Promise<unknown>): Promise<string> {
  try {
    await draw;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('createNoiseSource', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'privcount-noise-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A source whose thread runs this program instead. */
  function withWorker(program: string, drawMsMax = 10_000): ReturnType<typeof createNoiseSource> {
    const path = join(folder, `${Math.random()}.mjs`);
    writeFileSync(path, `import { parentPort } from 'node:worker_threads';\n${program}`);
    return createNoiseSource({ workerFile: pathToFileURL(path), drawMsMax });
  }

  it('draws noise of the wanted sigmas, and none where sigma is 0', async () => {
    const sigmas = Float64Array.from({ length: 4000 }, (_, cell) => (cell % 4 === 0 ? 0 : 1000));
    const noise = toSigned(await createNoiseSource().draw(sigmas)).map(Number);
    expect(noise.filter((_, cell) => cell % 4 === 0).every((value) => value === 0)).to.equal(true);
    const variance = noise.reduce((sum, value) => sum + (value / 1000) ** 2, 0) / 3000;
    // Six standard deviations of a variance of 3,000 samples: wrong once in 500 million runs.
    expect(variance).to.be.closeTo(1, 6 * Math.sqrt(2 / 3000));
  });

  it('draws afresh each time, and any number at once', async () => {
    const source = createNoiseSource();
    const sigmas = new Float64Array(10).fill(2 ** 60);
    const drawn = await Promise.all([1, 2, 3].map(() => source.draw(sigmas)));
    expect(new Set(drawn.map((noise) => toSigned(noise).join())).size).to.equal(3);
  });

  it('leaves the sigmas as they were, and owns the whole of its vector', async () => {
    const sigmas = Float64Array.of(3, 4);
    const noise = await createNoiseSource().draw(sigmas);
    expect([...sigmas]).to.deep.equal([3, 4]);
    expect(cellCount(noise)).to.equal(2);
    expect(noise.buffer.byteLength).to.equal(noise.byteLength);
  });

  it('says what is wrong with a sigma', async () => {
    const reason = await reasonOf(createNoiseSource().draw(Float64Array.of(1, NaN)));
    expect(reason).to.equal('the noise could not be drawn: sigma must be above 0 and at most 2^100, not NaN');
  });

  it('tells of a thread that crashes, ends, answers nonsense or hangs', async () => {
    const sigmas = Float64Array.of(1);
    expect(await reasonOf(withWorker("throw new Error('out of memory')").draw(sigmas))).to.contain(
      'out of memory',
    );
    expect(await reasonOf(withWorker('process.exit(3)').draw(sigmas))).to.contain('ended early, with code 3');
    expect(await reasonOf(withWorker("parentPort.postMessage('no')").draw(sigmas))).to.contain(
      'something else',
    );
    expect(await reasonOf(withWorker('parentPort.postMessage(new Uint32Array(8))').draw(sigmas))).to.contain(
      'something else',
    );
    expect(await reasonOf(withWorker('setInterval(() => {}, 1000)', 50).draw(sigmas))).to.contain(
      'gave nothing within 50 ms',
    );
  });
});
