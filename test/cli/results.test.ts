import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { expect } from 'chai';
import { withFolderAsync } from '../io/temporary-folder.js';
import { runCommand } from './run-command.js';

const NAME = 'privcount.outcome.1795296528-1795296536.json';
const EXAMPLE = resolve('doc/examples', NAME);

function writeTallies(path: string, counters: Readonly<Record<string, readonly [string, number]>>): string {
  const json = Object.entries(counters).map(([name, [total, sigma]]) => [
    name,
    { bins: [[0, 'Infinity', total]], effective_sigma: sigma },
  ]);
  writeFileSync(path, JSON.stringify(Object.fromEntries(json)));
  return path;
}

function writeAborted(folder: string): void {
  const Time = { Start: 1_795_290_000, End: 1_795_290_060 };
  const Result = {
    outcome: 'aborted',
    reason: 'too few \u001b[2Jcollectors',
    culprits: ['collector-2'],
    left_out: [{ name: 'collector-2', reason: 'sent no report' }],
  };
  writeFileSync(
    join(folder, 'privcount.outcome.1795290000-1795290060.json'),
    JSON.stringify({ Result, Context: { Time } }),
  );
}

function withResults(task: (folder: string) => Promise<void>): () => Promise<void> {
  return withFolderAsync(async (folder) => {
    copyFileSync(EXAMPLE, join(folder, NAME));
    writeAborted(folder);
    writeFileSync(join(folder, 'privcount.outcome.1-2.json'), '{');
    await task(folder);
  });
}

describe('privcount results list', () => {
  it(
    'has a line for each round, newest first, and a word on what it can not read',
    withResults(async (folder) => {
      const { output, errors } = await runCommand('results', 'list', folder);
      const lines = output.trimEnd().split('\n');
      expect(lines).to.have.length(4);
      expect(lines[2]).to.match(
        /^2026-11-21 21:28:48 +8 s +released +\d+ +3 +0\.500 +privcount\.outcome\.1795296528/,
      );
      expect(lines[3]).to.match(/aborted .* too few \u{fffd}\[2Jcollectors$/u);
      expect(errors).to.match(/^privcount\.outcome\.1-2\.json: it is not JSON/);
    }),
  );

  it(
    'prints JSON for programs',
    withResults(async (folder) => {
      const { output } = await runCommand('results', 'list', folder, '--json');
      const { rounds, faults } = JSON.parse(output) as { rounds: { outcome: string }[]; faults: unknown[] };
      expect(rounds.map(({ outcome }) => outcome)).to.deep.equal(['released', 'aborted']);
      expect(faults).to.have.length(1);
    }),
  );

  it(
    'says that there is nothing, or no folder',
    withFolderAsync(async (folder) => {
      expect((await runCommand('results', 'list', folder)).output).to.include('has no outcome of a round');
      const { message, exitCode } = await runCommand('results', 'list', join(folder, 'none'));
      expect([exitCode, message]).to.deep.equal([
        2,
        `${join(folder, 'none')}: the folder is missing; wanted: the tally's results folder`,
      ]);
    }),
  );
});

describe('privcount results show', () => {
  it('has who took part, and the table that show prints', async () => {
    const { output } = await runCommand('results', 'show', EXAMPLE);
    expect(output).to.match(/^round: +[0-9a-f]{32} of demo\noutcome: +released\n/);
    expect(output).to.include('collectors: collector-1, collector-2, collector-3\n');
    expect(output.endsWith((await runCommand('show', EXAMPLE)).output)).to.equal(true);
  });

  it(
    'has the reason of an aborted round, and who caused it',
    withResults(async (folder) => {
      const { output, exitCode } = await runCommand(
        'results',
        'show',
        join(folder, 'privcount.outcome.1795290000-1795290060.json'),
      );
      expect(exitCode).to.equal(0);
      expect(output).to.include('reason:     too few \u{fffd}[2Jcollectors\ncaused by:  collector-2\n');
      expect(output).to.include('left out:   collector-2 (sent no report)');
    }),
  );

  it('refuses another file', async () => {
    const { message, exitCode } = await runCommand('results', 'show', 'package.json');
    expect(exitCode).to.equal(2);
    expect(message).to.match(/^package\.json: it is not an outcome of a round/);
  });
});

describe('privcount results compare', () => {
  it(
    'has the totals side by side, and what changed from the first to the last',
    withFolderAsync(async (folder) => {
      const files = [100, 500, 104].map((total, at) =>
        writeTallies(join(folder, `r${at}.json`), {
          ExitStreamCount: [String(total), 3],
          Grown: [String(10 * at), 1],
          ZeroCount: ['0', 0],
          ...(at === 2 ? { New: ['1', 1] } : {}),
        }),
      );
      const { output } = await runCommand('results', 'compare', ...files);
      const cells = output
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/));
      expect(cells[0]).to.deep.equal([
        'counter',
        'bin',
        'r0',
        '95 % interval',
        'r1',
        '95 % interval',
        'r2',
        '95 % interval',
        'change',
      ]);
      expect(cells[2]).to.deep.equal([
        'ExitStreamCount',
        '100',
        '94 to 106',
        '500',
        '494 to 506',
        '104',
        '98 to 110',
        '-5 to 13',
        'may be the same',
      ]);
      expect(cells[3]!.slice(-2)).to.deep.equal(['17 to 23', 'higher']);
      expect(output).to.match(/^New +1 +-1 to 3$/m);
      expect(output).not.to.include('ZeroCount');
    }),
  );

  it(
    'needs two files, with the same bins',
    withFolderAsync(async (folder) => {
      const one = writeTallies(join(folder, 'one.json'), { ExitStreamByteHistogram: ['1', 1] });
      const runs = [
        await runCommand('results', 'compare', one),
        await runCommand('results', 'compare', one, EXAMPLE),
      ];
      expect(runs.map(({ exitCode }) => exitCode)).to.deep.equal([2, 2]);
      expect(runs[0]!.message).to.include('two result files');
      expect(runs[1]!.message).to.include('has other bins');
    }),
  );
});

describe('privcount results export', () => {
  it(
    'has the same rows in each format, of the released rounds of a folder',
    withResults(async (folder) => {
      const run = await runCommand('results', 'export', folder, '--format', 'jsonl');
      expect(run.errors).to.include('its round was aborted').and.include('it is not JSON');
      const rows = run.output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const shown = (await runCommand('show', EXAMPLE)).output;
      expect(rows).to.have.length(shown.split('\n\n')[0]!.split('\n').length - 2);
      expect(rows[0]).to.include({
        experiment: '2026-11-21 21:28:48 UTC',
        confidence: 95,
        bin_high: 'Infinity',
      });

      const parquet = join(folder, 'all.parquet');
      await runCommand('results', 'export', folder, '--format', 'parquet', '-o', parquet);
      const bytes = new Uint8Array(readFileSync(parquet));
      const read = await parquetReadObjects({ file: bytes.buffer });
      const plain = read.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value === Infinity ? 'Infinity' : (value as unknown),
          ]),
        ),
      );
      expect(plain).to.deep.equal(rows);

      const csv = (await runCommand('results', 'export', folder)).output.trimEnd().split('\r\n');
      expect(csv).to.have.length(rows.length + 1);
      expect(csv[0]).to.equal(Object.keys(rows[0]!).join(','));
      expect(csv[1]).to.include(`,${String(rows[0]!['total'])},`);
    }),
  );

  it(
    'does not print Parquet, and says where it can not write',
    withResults(async (folder) => {
      const printed = await runCommand('results', 'export', folder, '--format', 'parquet');
      expect([printed.exitCode, printed.message]).to.deep.equal([
        2,
        'a Parquet file is not printed; say where to write it with --output',
      ]);
      const path = join(folder, 'none', 'x.csv');
      expect((await runCommand('results', 'export', EXAMPLE, '-o', path)).exitCode).to.equal(2);
      expect(existsSync(path)).to.equal(false);
      expect((await runCommand('results', 'export', EXAMPLE, '--format', 'xml')).exitCode).to.equal(2);
    }),
  );
});

describe('privcount results extrapolate', () => {
  const shares = {
    guard: 0.1,
    middle: 0,
    exit: 0.02,
    hsdir2: 0.1,
    hsdir3: 0.1,
    intro: 0.1,
    rend2: 0.1,
    rend3: 0.1,
  };
  const rowsOf = (output: string): string[][] =>
    output
      .trimEnd()
      .split('\n')
      .slice(2)
      .map((line) => line.split(/ {2,}/));

  it(
    'divides by a share that is given, or by that of the position of which the name speaks',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), {
        EntryConnectionCount: ['50', 5],
        ExitStreamCount: ['1000', 10],
        Other: ['7', 1],
        ZeroCount: ['0', 0],
      });
      const plain = await runCommand('results', 'extrapolate', file, '--weight', '0.5');
      expect(rowsOf(plain.output)[1]).to.deep.equal([
        'ExitStreamCount',
        '1,000',
        '0.5',
        '2,000',
        '1,960 to 2,040',
      ]);
      expect(rowsOf(plain.output)).to.have.length(3);
      const weights = join(folder, 'weights.json');
      writeFileSync(
        weights,
        JSON.stringify({ shares, least: { ...shares, exit: 0.01 }, most: { ...shares, exit: 0.04 } }),
      );
      const named = await runCommand('results', 'extrapolate', file, '--weights', weights);
      expect(rowsOf(named.output)).to.deep.equal([
        ['EntryConnectionCount', '50', '0.1', '500', '402 to 598'],
        ['ExitStreamCount', '1,000', '0.02 (0.01 to 0.04)', '50,000', '24,510 to 101,960'],
      ]);
      expect(named.errors).to.include('give --position').and.include(': Other');
      const all = await runCommand(
        'results',
        'extrapolate',
        file,
        '--weights',
        weights,
        '--position',
        'guard',
      );
      expect(rowsOf(all.output)).to.have.length(3);
      expect(all.errors).to.equal('');
    }),
  );

  it(
    'leaves out numbers of addresses, whatever share is given: several relays see the same one',
    withFolderAsync(async (folder) => {
      const file = writeTallies(join(folder, 'in.json'), {
        EntryClientIPCount: ['50', 5],
        EntryConnectionCount: ['50', 5],
      });
      const { output, errors } = await runCommand('results', 'extrapolate', file, '--weight', '0.5');
      expect(rowsOf(output).map(([name]) => name)).to.deep.equal(['EntryConnectionCount']);
      const why = 'not extrapolated, since several relays see the same address: EntryClientIPCount';
      expect(errors).to.equal(`${why}\n`);
      const options = ['--weight', '0.5', '--counter', 'EntryClientIPCount'];
      const alone = await runCommand('results', 'extrapolate', file, ...options);
      expect([alone.exitCode, alone.message]).to.deep.equal([2, why]);
    }),
  );

  it(
    'refuses a share of 0 or above 1, and none at all',
    withFolderAsync(async (folder) => {
      const weights = join(folder, 'weights.json');
      writeFileSync(weights, JSON.stringify({ shares }));
      const messageOf = async (...args: readonly string[]): Promise<string> => {
        const { message, exitCode } = await runCommand('results', 'extrapolate', EXAMPLE, ...args);
        expect(exitCode, args.join(' ')).to.equal(2);
        return message;
      };
      for (const weight of ['0', '1.01', '-0.5']) {
        expect(await messageOf('--weight', weight)).to.include(
          `--weight is ${Number(weight)}; wanted: a share above 0`,
        );
      }
      expect(await messageOf('--weight', 'x')).to.include('must be a number');
      expect(await messageOf()).to.equal('give --weight, or --weights');
      expect(await messageOf('--weights', weights, '--position', 'middle')).to.include('the share of middle');
      expect(await messageOf('--weights', EXAMPLE)).to.include('privcount weights --json');
      expect(await messageOf('--weight', '0.1', '--weights', weights)).to.match(/mutually exclusive/);
      expect((await runCommand('results', 'extrapolate', EXAMPLE, '--weight', '1')).exitCode).to.equal(0);
    }),
  );
});

describe('privcount results', () => {
  it('names its tasks if none is given', async () => {
    const { message, exitCode } = await runCommand('results');
    expect([exitCode, message]).to.deep.equal([2, 'Give a task; privcount results --help lists them.']);
  });
});
