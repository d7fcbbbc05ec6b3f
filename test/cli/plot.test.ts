import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { describeWithSharedData, sharedPath } from '../support/shared-data.js';
import { withFolderAsync } from '../io/temporary-folder.js';
import { runCommand } from './run-command.js';

const EXAMPLE = resolve('doc/examples/privcount.outcome.1795296528-1795296536.json');

type Counters = Readonly<Record<string, readonly [totals: readonly string[], sigma: number]>>;

function writeTallies(path: string, counters: Counters): string {
  const json = Object.entries(counters).map(([name, [totals, sigma]]) => [
    name,
    { bins: totals.map((total, at) => [at, at + 1, total]), effective_sigma: sigma },
  ]);
  writeFileSync(path, JSON.stringify(Object.fromEntries(json)));
  return path;
}

describe('privcount plot', () => {
  it(
    'writes a PDF, a page and a text, and says where',
    withFolderAsync(async (folder) => {
      const { output, exitCode } = await runCommand('plot', EXAMPLE, '--folder', folder);
      expect(exitCode).to.equal(0);
      const names = ['pdf', 'html', 'txt'].map((format) => `privcount.results.${format}`);
      expect(output.trim().split('\n')).to.deep.equal(names.map((name) => join(folder, name)));
      expect(readdirSync(folder).sort()).to.deep.equal(names.sort());
      const text = readFileSync(join(folder, 'privcount.results.txt'), 'utf8');
      expect(text).to.include('Experiment Label: 2026-11-21 21:28:48 UTC (1.96 sigma = 95.0% CI)');
      const page = readFileSync(join(folder, 'privcount.results.html'), 'utf8');
      expect(page).to.include('95\u00a0% intervals of the noise');
    }),
  );

  it(
    'writes all formats, with a prefix, into a folder that it makes, over what was there',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), { A: [['5', '-3'], 1], B: [['7'], 0] });
      const into = join(folder, 'new', 'folder');
      mkdirSync(into, { recursive: true });
      writeFileSync(join(into, 'x.privcount.results.csv'), 'old '.repeat(10_000));
      const formats = 'pdf,html,txt,csv,svg,png';
      const run = await runCommand('plot', file, '--folder', into, '-p', 'x', '--formats', formats);
      expect(run.exitCode).to.equal(0);
      expect(readdirSync(into).sort()).to.deep.equal([
        'x.A.png',
        'x.A.svg',
        'x.B.png',
        'x.B.svg',
        'x.privcount.results.csv',
        'x.privcount.results.html',
        'x.privcount.results.pdf',
        'x.privcount.results.txt',
      ]);
      expect(readFileSync(join(into, 'x.privcount.results.csv'), 'utf8').split('\r\n')).to.have.length(5);
    }),
  );

  it(
    'skips what the original skips',
    withFolderAsync(async (folder) => {
      await runCommand('plot', EXAMPLE, '--folder', folder, '-w', '-x');
      expect(readdirSync(folder)).to.deep.equal(['privcount.results.html']);
    }),
  );

  it(
    'stays in its folder, whatever counters are called, and writes a picture of each',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), {
        '../../escaped': [['1'], 1],
        '..': [['1'], 1],
        'a/b': [['1'], 1],
        'a:b': [['1'], 1],
        A_b: [['1'], 1],
      });
      const into = join(folder, 'out');
      await runCommand('plot', file, '--folder', into, '--formats', 'svg');
      expect(readdirSync(folder).sort()).to.deep.equal(['in.json', 'out']);
      expect(readdirSync(into)).to.have.length(5);
    }),
  );

  it(
    'draws a ratio also where only other counters are chosen, and what it is made of',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), {
        Chosen: [['1'], 1],
        Top: [['50'], 1],
        Bottom: [['100'], 1],
        Left: [['1'], 1],
      });
      const args = ['--counter', 'Chosen', '--ratio', 'Top/Bottom', '--formats', 'txt', '--folder', folder];
      expect(await runCommand('plot', file, ...args)).to.have.property('message', '');
      const text = readFileSync(join(folder, 'privcount.results.txt'), 'utf8');
      expect(text).to.match(/^Top\/Bottom, in: 0\.5 \[/m);
      expect(text)
        .to.match(/^Chosen /m)
        .and.not.match(/^Left /m);
    }),
  );

  it(
    'takes ratios, labels of lists, totals and some counters',
    withFolderAsync(async (folder) => {
      const list = 'ExitDomainExactMatchWebInitialStreamCountList';
      const one = writeTallies(join(folder, 'one.json'), {
        [list]: [['5', '3', '2'], 1],
        ExitStreamCount: [['100'], 2],
        Other: [['1'], 1],
      });
      const two = writeTallies(join(folder, 'two.json'), {
        [list]: [['6', '3', '2'], 2],
        ExitStreamCount: [['300'], 3],
        Other: [['1'], 1],
      });
      const labels = join(folder, 'labels.txt');
      writeFileSync(labels, 'news\r\n\nmail\n');
      const run = await runCommand(
        'plot',
        '-o',
        one,
        'first',
        '-o',
        two,
        'second',
        '-a',
        '-b',
        labels,
        '--counter',
        'Exit*',
        '--ratio',
        `${list}/ExitStreamCount`,
        '--formats',
        'txt,csv',
        '--folder',
        folder,
      );
      expect(run.message).to.equal('');
      const text = readFileSync(join(folder, 'privcount.results.txt'), 'utf8');
      expect(text).to.match(/^ExitStreamCount .* = +400 \+- 7 /m);
      expect(text).to.match(/CountList\/ExitStreamCount news, first: 0\.05 \[/);
      expect(text).to.match(/CountList\/ExitStreamCount \(unmatched\), total: 0\.01 \[/);
      expect(text).not.to.include('Other');
      const table = readFileSync(join(folder, 'privcount.results.csv'), 'utf8');
      expect(table).to.match(/,mail,3,3,1,/);
      expect(table).to.match(
        /^first,,,,\w+CountList\/ExitStreamCount,0,0,1,news,0\.05,0\.05,,0\.0303\d+,0\.0697\d+,95,0\r$/m,
      );
    }),
  );

  it(
    'leaves out noisy bins, and those that may be 0, if it is told to',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), { A: [['5', '300', '-300'], 10] });
      const binsWith = async (option: string): Promise<number> => {
        await runCommand('plot', file, option, '--formats', 'csv', '--folder', folder);
        return readFileSync(join(folder, 'privcount.results.csv'), 'utf8').trim().split('\r\n').length - 1;
      };
      expect(await binsWith('-z')).to.equal(3);
      expect(await binsWith('-n')).to.equal(2);
      expect(await binsWith('-i')).to.equal(1);
    }),
  );

  it(
    'draws experiments in their order, whatever they are called',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), { A: [['5', '300'], 10], B: [['5'], 1] });
      const labels = ['toString', 'constructor', '__proto__'].flatMap((label) => ['-o', file, label]);
      const { exitCode } = await runCommand('plot', ...labels, '--formats', 'svg', '--folder', folder);
      expect(exitCode).to.equal(0);
      for (const counter of ['A', 'B']) {
        const svg = readFileSync(join(folder, `${counter}.svg`), 'utf8');
        const drawn = [...svg.matchAll(/>(toString|constructor|__proto__)</g)].map(([, label]) => label);
        expect(drawn, counter).to.deep.equal(['toString', 'constructor', '__proto__']);
      }
    }),
  );

  it(
    'leaves out aborted rounds among others, and says so',
    withFolderAsync(async (folder) => {
      const aborted = join(folder, 'aborted.json');
      writeFileSync(aborted, JSON.stringify({ Result: { outcome: 'aborted', reason: 'too \u001b[2Jfew' } }));
      const again = join(folder, 'again.json');
      writeFileSync(again, readFileSync(aborted));
      const file = writeTallies(join(folder, 'in.json'), { A: [['5'], 1] });
      const options = ['--formats', 'txt', '--folder', folder];
      const { errors, exitCode } = await runCommand('plot', aborted, file, ...options);
      expect(exitCode).to.equal(0);
      expect(errors)
        .to.include(`left out: ${aborted}`)
        .and.include('aborted and has no totals: too \u{fffd}[2Jfew');
      expect(readFileSync(join(folder, 'privcount.results.txt'), 'utf8')).to.match(/^Experiment Label: in /);
      const none = await runCommand('plot', aborted, again, ...options);
      expect(none.exitCode).to.equal(2);
      expect(none.message).to.include('aborted and has no totals');
      expect((await runCommand('results', 'compare', aborted, file)).exitCode).to.equal(2);
    }),
  );

  it(
    'says what is wrong with the command line, with exit code 2 and without writing',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), { A: [['5', '3'], 1] });
      const other = writeTallies(join(folder, 'other.json'), { A: [['5', '3', '1'], 1] });
      const broken = join(folder, 'broken.json');
      writeFileSync(broken, '{"A": {"bins": [[0, 1');
      const aborted = join(folder, 'aborted.json');
      writeFileSync(aborted, JSON.stringify({ Result: { outcome: 'aborted', reason: 'too \u001b[2Jfew' } }));
      const into = join(folder, 'out');
      const messageOf = async (...args: readonly string[]): Promise<string> => {
        const { message, exitCode } = await runCommand('plot', '--folder', into, ...args);
        expect(exitCode, args.join(' ')).to.equal(2);
        return message;
      };
      expect(await messageOf()).to.match(/^give an outcome/);
      expect(await messageOf(join(folder, 'missing.json'))).to.include('it is missing');
      expect(await messageOf(broken)).to.include('not JSON');
      expect(await messageOf(aborted)).to.include('aborted and has no totals: too \u{fffd}[2Jfew');
      expect(await messageOf(folder)).to.include('a folder');
      expect(await messageOf(file, file)).to.match(/two files are called in; .*--outcome PATH LABEL/);
      const ofOneRound = ['outcome', 'tallies'].map((what) =>
        join(folder, `privcount.${what}.1600000000-1600000100.json`),
      );
      for (const path of ofOneRound) writeFileSync(path, readFileSync(file));
      expect(await messageOf('-a', ...ofOneRound)).to.include("of a round's outcome and tallies one");
      expect(await messageOf('-o', file, 'total', '-a')).to.include('two files are called total');
      expect(await messageOf('-o', file, 'l'.repeat(101))).to.include('101 characters');
      expect(await messageOf('-o', file, 'a\u001b[2J')).to.include('not printable');
      expect(await messageOf(file, other)).to.include('A has other bins in other than in in');
      expect(await messageOf(file, '-f', 'k,none')).to.include('none is no colour');
      expect(await messageOf(file, '-f', 'constructor')).to.include('constructor is no colour');
      expect(await messageOf(file, '--formats', 'pdf,doc')).to.include('--formats names doc');
      expect(await messageOf(file, '-c', '-1')).to.include('--confidence is -1');
      expect(await messageOf(file, '-c', '1001')).to.include('1000');
      expect(await messageOf(file, '-c', 'x')).to.include('must be a number');
      expect(await messageOf(file, '--ratio', 'A')).to.include('--ratio is A');
      expect(await messageOf(file, '--ratio', 'A/B/C')).to.include('--ratio is A/B/C');
      expect(await messageOf(file, '--ratio', 'A/B')).to.include('no file has the counter B');
      expect(await messageOf(file, '--counter', 'B*')).to.include('no counter whose name is B*');
      expect(await messageOf(file, '-b', join(folder, 'none'))).to.include('--bin-labels names');
      expect(await messageOf(file, '--unknown')).to.include('unknown');
      expect(existsSync(into)).to.equal(false);
    }),
  );

  it(
    'says that a folder can not be written to',
    withFolderAsync(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      const { message, exitCode } = await runCommand(
        'plot',
        EXAMPLE,
        '--formats',
        'txt',
        '--folder',
        join(file, 'x'),
      );
      expect(exitCode).to.equal(2);
      expect(message).to.include('give another folder with --folder');
    }),
  );

  it(
    'refuses labels that do not fit a counter over lists',
    withFolderAsync(async (folder) => {
      const name = 'ExitDomainExactMatchWebInitialStreamCountList';
      const file = writeTallies(join(folder, 'in.json'), { [name]: [['5', '3', '4'], 1] });
      const labels = join(folder, 'labels.txt');
      writeFileSync(labels, 'one\n');
      const { message, exitCode } = await runCommand(
        'plot',
        file,
        '-b',
        labels,
        '--formats',
        'csv',
        '--folder',
        folder,
      );
      expect([exitCode, message]).to.deep.equal([
        2,
        `1 labels do not fit the 3 bins of ${name}: there must be as many, or one fewer`,
      ]);
    }),
  );
});

describeWithSharedData("privcount plot with PrivCount's own files and options", () => {
  const ONE = 'original/privcount.outcome.1795190804-1795190825.json';
  const SECOND = 'oracle/plot/second.outcome.json';
  const tokens = (text: string): string[] =>
    text
      .trim()
      .split('\n')
      .map((line) =>
        line
          .replaceAll(/\s+/g, ' ')
          .replaceAll(/([[(,]) /g, '$1')
          .trim(),
      );

  for (const [name, options] of [
    ['two', []],
    ['two_zero', ['-z']],
    ['two_ignorezero', ['-i']],
  ] as const) {
    it(
      `writes the text ${name} number by number, with the original's interval`,
      withFolderAsync(async (folder) => {
        const run = await runCommand(
          'plot',
          ...options,
          '-c',
          '2',
          '-o',
          sharedPath(ONE),
          'one',
          '-o',
          sharedPath(SECOND),
          'two',
          '-w',
          '--formats',
          'txt,pdf',
          '--folder',
          folder,
        );
        expect(run.exitCode).to.equal(0);
        const text = readFileSync(join(folder, 'privcount.results.txt'), 'utf8');
        const oracle = readFileSync(sharedPath(`oracle/plot/${name}.privcount.results.txt`), 'utf8');
        expect(tokens(text)).to.deep.equal(tokens(oracle));
      }),
    );
  }
});
