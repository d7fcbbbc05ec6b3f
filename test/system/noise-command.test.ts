/** `privcount noise` and `privcount weights`, as an operator runs them. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { files } from '../../src/io/files.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('privcount noise and weights', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'privcount-noise-command-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('prints the table of PrivCount’s 29 statistics with one command', () => {
    const { code, out } = run('noise', '--preset', 'privcount-29', '--compare');
    expect(code).to.equal(0);
    const noise = [...out.matchAll(/^(privcount|joint.*?)  +([\d.]+) %/gm)].map(([, title, ratio]) => [
      title,
      ratio,
    ]);
    expect(noise).to.deep.equal([
      ['privcount', '14.61'],
      ['joint, stronger condition', '3.02'],
      ['joint', '2.04'],
      ['joint, histograms in L2', '1.63'],
    ]);
  });

  it('allocates from options alone, answers what-ifs, and writes a sigmas file', () => {
    const output = join(folder, 'sigmas.yaml');
    const options = [
      '--counter',
      'ACount:10:1000',
      '--epsilon',
      '1',
      '--delta',
      '1e-6',
      '--json',
      '-o',
      output,
    ];
    const { code, out } = run('noise', ...options);
    expect(code).to.equal(0);
    const { counters } = JSON.parse(out) as { counters: { ACount: { sigma: number } } };
    const sigmas = parseSigmas({ file: output, bytes: files.read(output)! });
    expect(sigmas.get('ACount')).to.equal(counters.ACount.sigma);
    const doubled = JSON.parse(
      run('noise', output, '--sensitivity', 'ACount=20', '--json').out,
    ) as typeof counters & {
      counters: typeof counters;
    };
    expect(doubled.counters.ACount.sigma / counters.ACount.sigma).to.be.closeTo(2, 1e-9);
    expect(JSON.parse(run('noise', output, '--compare', '--json').out)).to.have.length(4);
  });

  it('ends with code 2 and the file, the counter and the number for everything that is not above 0', () => {
    const head = 'privacy: {epsilon: 0.3, delta: 0.001, excess_noise_ratio: 1}\n';
    const amounts = ['0', '-1', '.nan'].map(
      (value, at) => `C${at}: {sensitivity: ${value}, estimated_value: 1}`,
    );
    const bad = run('noise', write('noise.yaml', `${head}counters: {${amounts.join(', ')}}`));
    expect(bad.code).to.equal(2);
    for (const fault of ['C0.sensitivity = 0', 'C1.sensitivity = -1', 'C2.sensitivity = NaN']) {
      expect(bad.err).to.contain(`noise.yaml: counters.${fault}`);
    }
    const good = write('good.yaml', `${head}counters: {A: {sensitivity: 1, estimated_value: 1}}`);
    const changed = ['--epsilon', '0', '--delta', '1', '--excess-noise-ratio', '-1', '--estimate', 'A=none'];
    const { code, err } = run('noise', good, ...changed, '--counter', 'B:0:1');
    expect(code).to.equal(2);
    for (const key of [
      'privacy.epsilon',
      'privacy.delta',
      'privacy.excess_noise_ratio',
      'counters.A.estimated_value',
      'counters.B.sensitivity',
    ]) {
      expect(err).to.contain(`${good}: ${key} = `);
    }
    for (const wrong of [
      ['--sensitivity', 'X=1'],
      ['--counter', 'X:1'],
      ['--circuit-sample-rate', '0'],
    ]) {
      const result = run('noise', good, ...wrong);
      expect(result.code, wrong.join(' ')).to.equal(2);
      expect(result.err).to.contain(wrong[0]!);
    }
  });

  it('says of a file of zeros that it asks for no noise, and of nothing that there is nothing', () => {
    const zeros = write(
      'zeros.yaml',
      'privacy: {epsilon: 0.0, delta: 0.0, excess_noise_ratio: 0}\ncounters: {A: {sensitivity: 0.0, estimated_value: 0.0}}',
    );
    const { code, err } = run('noise', zeros);
    expect(code).to.equal(2);
    expect(err).to.contain('all numbers are 0').and.contain('noise_off: true');
    expect(run('noise').err).to.contain('there is nothing to allocate');
    expect(run('noise', join(folder, 'none')).err).to.contain('is missing');
  });

  it('prints shares and weights from a consensus, and names what is wrong', () => {
    const identity = (at: number): string => Buffer.alloc(20, at).toString('base64').replace(/=$/, '');
    const relays = [1, 2, 3].map(
      (at) =>
        `r n${at} ${identity(at)} x 2018-01-01 00:00:00 10.0.0.1 1 0\ns Exit\nw Bandwidth=${at}\np accept 80`,
    );
    const consensus = write('consensus', `network-status-version 3\n${relays.join('\n')}\n`);
    const print = (at: number): string => `0${at}`.repeat(20);
    const { code, out, err } = run(
      'weights',
      consensus,
      '-f',
      print(1),
      print(3),
      'F'.repeat(40),
      '--tolerated',
      '1',
    );
    expect(code).to.equal(0);
    expect(out).to.contain('0.666666666666667 : exit use mean').and.contain('excess_noise_ratio');
    expect(err).to.equal(`${'F'.repeat(40)} is not in ${consensus}\n`);
    expect(JSON.parse(run('weights', folder, '--all', '--json').out)).to.nested.include({ 'shares.exit': 1 });
    const listed = write('fingerprints', `$${print(2)}\n`);
    expect(run('weights', consensus, '--fingerprint-file', listed).out).to.contain(
      '0.333333333333333 : exit use mean',
    );
    for (const [args, message] of [
      [[listed], 'is no consensus'],
      [[consensus, '-f', 'abc'], 'abc is no fingerprint'],
      [[consensus, '-f', print(1), '--tolerated', '1'], 'no noise is left'],
    ] as const) {
      const result = run('weights', ...args);
      expect(result.code, message).to.equal(2);
      expect(result.err).to.contain(message);
    }
  });
});
