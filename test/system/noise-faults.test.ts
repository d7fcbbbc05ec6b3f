/**
 * Numbers that no noise can be made of, in every file that has some: each ends the program with an error that names file and
 * place, and no noise is drawn with what is left. In the original one zero silences all counters.
 */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

/** As they stand in a file, and as an error shows them. */
const WRONG: readonly (readonly [written: string, shown: string])[] = [
  ['0', '= 0'],
  ['-1', '= -1'],
  ['.nan', '= NaN'],
  ['.inf', '= Infinity'],
  ['', '= null'],
  ['many', '= "many"'],
];
const RIGHT: Readonly<Record<string, string>> = { epsilon: '0.3', delta: '0.001', excess_noise_ratio: '1' };
/** Each wrong number is a counter of its own: an error shows twenty faults at most. */
const NAMES = WRONG.map((_, at) => `C${at}`);
const BINS = ['counters:', ...NAMES.map((name) => `  ${name}: {bins: [[0, .inf]]}`)].join('\n');

function privacyOf(changes: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...RIGHT, ...changes });
  return `privacy: {${all.map(([key, value]) => `${key}: ${value}`).join(', ')}}\n`;
}

describe('numbers that no noise can be made of', function () {
  this.timeout(400_000);
  const folder = mkdtempSync(join(tmpdir(), 'privcount-noise-faults-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const bins = write('bins.yaml', BINS);

  for (const key of ['sensitivity', 'estimated_value'] as const) {
    it(`are refused as a ${key} in a noise file, by noise and by init`, () => {
      const entries = WRONG.map(([written], at) => {
        const entry = { sensitivity: '1', estimated_value: '1', [key]: written };
        return `  C${at}: {sensitivity: ${entry.sensitivity}, estimated_value: ${entry.estimated_value}}`;
      });
      // The last counter lacks the number altogether.
      const other = key === 'sensitivity' ? 'estimated_value' : 'sensitivity';
      const lacking = `  Lacking: {${other}: 1}`;
      const file = write(`${key}.yaml`, `${privacyOf()}counters:\n${[...entries, lacking].join('\n')}\n`);
      for (const command of [
        ['noise', file],
        ['init', join(folder, 'network'), '--counters', bins, '--noise', file],
      ]) {
        const { code, err } = run(...command);
        expect(code, err).to.equal(2);
        WRONG.forEach(([, shown], at) =>
          expect(err).to.contain(`${file}: counters.C${at}.${key} ${shown}: is`),
        );
        expect(err).to.contain(`${file}: counters.Lacking.${key}: is missing`);
      }
    });
  }

  it('are refused as epsilon, delta and excess_noise_ratio in a noise file', () => {
    const counters = 'counters: {A: {sensitivity: 1, estimated_value: 1}}\n';
    for (const [written, shown] of WRONG) {
      const wrong = { epsilon: written, delta: written, excess_noise_ratio: written };
      const file = write('level.yaml', privacyOf(wrong) + counters);
      const { code, err } = run('noise', file);
      expect(code, err).to.equal(2);
      for (const key of Object.keys(wrong)) expect(err).to.contain(`${file}: privacy.${key} ${shown}: is`);
    }
    const { code, err } = run('noise', write('level.yaml', `privacy: {}\n${counters}`));
    expect(code).to.equal(2);
    for (const key of Object.keys(RIGHT)) expect(err).to.contain(`privacy.${key}: is missing`);
  });

  it('are refused as sigmas', () => {
    const entries = WRONG.map(([written], at) => `  C${at}: {sigma: ${written}}`);
    const file = write('sigmas.yaml', `counters:\n${entries.join('\n')}\n  Lacking: {}\n`);
    const { code, err } = run('init', join(folder, 'network'), '--counters', bins, '--sigmas', file);
    expect(code, err).to.equal(2);
    WRONG.forEach(([, shown], at) => expect(err).to.contain(`${file}: counters.C${at}.sigma ${shown}: is`));
    expect(err).to.contain(`${file}: counters.Lacking.sigma: is missing`);
  });

  it('are refused in network.yaml, at every node', () => {
    const home = join(folder, 'complete');
    expect(run('init', home, '--test').code).to.equal(0);
    const nodes = ['tally', 'keeper-1', 'collector-1'];
    for (const [at, [written, shown]] of WRONG.entries()) {
      const node = nodes[at % nodes.length]!;
      const file = join(home, node, 'network.yaml');
      const right = readFileSync(file, 'utf8');
      const isNumber = /(epsilon|delta|noise_weight): .*/g;
      writeFileSync(
        file,
        right.replace(isNumber, (_, key: string) => `${key}: ${written}`),
      );
      const { code, err } = run('check', join(home, node, 'config.yaml'));
      writeFileSync(file, right);
      expect(code, err).to.equal(2);
      for (const key of ['epsilon', 'delta', 'budget.epsilon', 'budget.delta']) {
        expect(err).to.contain(`${file}: privacy.${key} ${shown}: is`);
      }
      // A weight of 0 is a collector that adds no noise; but the others must make up for it.
      if (written !== '0') expect(err).to.contain(`${file}: data_collectors[0].noise_weight ${shown}: is`);
    }
    for (const node of nodes) {
      const file = join(home, node, 'network.yaml');
      const silent = readFileSync(file, 'utf8').replace(/noise_weight: .*/g, 'noise_weight: 0');
      writeFileSync(file, silent);
      const { code, err } = run('check', join(home, node, 'config.yaml'));
      expect(code).to.equal(2);
      expect(err).to.match(/data_collectors\[\]\.noise_weight: the squares of the 3 smallest weights/);
    }
  });

  it('of PrivCount’s file of zeros are taken for noise off, with test keys only, which check says', () => {
    const zeros = write(
      'zeros.yaml',
      'privacy: {epsilon: 0.0, delta: 0.0, excess_noise_ratio: 0}\ncounters:\n  ExitStreamCount: {sensitivity: 0.0, estimated_value: 0.0}\n',
    );
    const one = write('one.yaml', 'counters:\n  ExitStreamCount: {bins: [[0, .inf]]}\n');
    const files = ['--counters', one, '--noise', zeros];
    for (const [options, message] of [
      [[], 'counters.ExitStreamCount.sensitivity = 0'],
      [['--test'], 'counters.ExitStreamCount.sensitivity = 0'],
      [['--noise-off'], '--noise-off goes with --test only'],
    ] as const) {
      const { code, err } = run('init', join(folder, 'refused'), ...files, ...options);
      expect(code, err).to.equal(2);
      expect(err).to.contain(message);
    }
    const home = join(folder, 'silent');
    expect(run('init', home, ...files, '--test', '--noise-off').code).to.equal(0);
    expect(run('check', join(home, 'tally', 'config.yaml')).out).to.match(/TEST KEYS[^]*noise: off/);
  });

  it('are refused where a sigma would not fit, the options say too much, or the output can not be written', () => {
    const counters = 'counters: {A: {sensitivity: 1.0e+30, estimated_value: 1.0e+30}}\n';
    const large = write('large.yaml', privacyOf() + counters);
    const level = ['--epsilon', '0.3', '--delta', '0.001'];
    for (const [args, message] of [
      [[large], `${large}: counters.A: would need noise of a sigma of 7.0`],
      [['--counter', 'A:1:1', ...level, '-o', join(folder, 'none', 'x')], "--output: can't write"],
      [['--counter', 'A:1:1', ...level, '--sensitivity', 'A=1=2'], '--sensitivity A=1=2 is not NAME=VALUE'],
      [['--counter', 'A::1', ...level], 'the options: counters.A.sensitivity = 0'],
      [['--counter', 'A:1:1', '--epsilon', '0.3'], 'the options: privacy.delta = NaN: is no number'],
    ] as const) {
      const { code, err } = run('noise', ...args);
      expect(code, err).to.equal(2);
      expect(err).to.contain(message).and.not.contain('internal error');
    }
  });

  it('do not come of byte counters, whose sigmas pass 2^33, nor of an epsilon above 7 for each', () => {
    const bytes = ['--counter', 'A:1e12:1e13', '--counter', 'B:3e11:9e12'];
    for (const allocator of ['privcount', 'joint']) {
      const level = ['--epsilon', '0.01', '--delta', '1e-6', '--allocator', allocator, '--json'];
      const { code, out } = run('noise', ...bytes, ...level);
      expect(code).to.equal(0);
      const { counters } = JSON.parse(out) as { counters: Record<string, { sigma: number }> };
      for (const { sigma } of Object.values(counters)) expect(sigma).to.be.within(2 ** 33, 2 ** 60);
      const wide = ['--epsilon', '30', '--delta', '1e-3', '--allocator', allocator, '--json'];
      const loose = JSON.parse(run('noise', ...bytes, ...wide).out) as { epsilon_by_integration: number };
      expect(loose.epsilon_by_integration).to.be.within(1, 30 + 1e-6);
    }
  });
});
