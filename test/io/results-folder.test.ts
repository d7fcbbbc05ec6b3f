import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readResultsFolder } from '../../src/io/results-folder.js';
import { readResultText, RESULT_BYTES_MAX } from '../../src/io/result-text.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { withFolderAsync } from './temporary-folder.js';

type Changes = { readonly Result?: object; readonly begin?: number };

function outcome({ Result = {}, begin = 1000 }: Changes = {}): object {
  return {
    Result: { outcome: 'released', collectors: ['dc-1'], left_out: [], keepers: ['sk-1'], ...Result },
    Tally: { A: {}, ZeroCount: {} },
    Privacy: { noise: 'on', delta: 1e-3, effective_epsilon: 'Infinity' },
    Context: {
      Time: { Start: begin - 5, End: begin + 65, CollectStart: begin, CollectStop: begin + 60.5 },
      TallyServer: { Config: { round_id: `round-${begin}`, network_name: 'net' } },
    },
  };
}

const nameOf = (begin: number): string => `privcount.outcome.${begin}-${begin + 60}.json`;

function write(folder: string, begin: number, content: string | object): string {
  const name = nameOf(begin);
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

describe('a results folder', () => {
  it(
    'has its released and aborted rounds, newest first',
    withFolderAsync(async (folder) => {
      write(folder, 1000, outcome());
      const Result = {
        outcome: 'aborted',
        reason: 'too few',
        culprits: ['sk-2'],
        left_out: [{ name: 'dc-2', reason: 'sent no report' }],
      };
      const { Tally, Privacy, ...rest } = outcome({ begin: 900 }) as Record<string, object>;
      expect(Tally).not.to.equal(Privacy);
      write(folder, 900, { ...rest, Result });
      write(folder, 20_000, outcome({ begin: 20_000 }));
      const { rounds, faults, unread } = await readResultsFolder(folder);
      expect(faults).to.deep.equal([]);
      expect(unread).to.equal(0);
      expect(rounds.map(({ file }) => file)).to.deep.equal([20_000, 1000, 900].map(nameOf));
      expect(rounds[1]).to.deep.equal({
        file: nameOf(1000),
        roundId: 'round-1000',
        networkName: 'net',
        outcome: 'released',
        beginMs: 1_000_000,
        endMs: 1_060_500,
        reason: undefined,
        culprits: [],
        leftOut: [],
        collectors: ['dc-1'],
        keepers: ['sk-1'],
        counters: 2,
        noise: 'on',
        privacy: { epsilon: Infinity, delta: 1e-3 },
      });
      expect(rounds[2]).to.include({
        outcome: 'aborted',
        reason: 'too few',
        counters: 0,
        privacy: undefined,
      });
      expect(rounds[2]!.culprits).to.deep.equal(['sk-2']);
      expect(rounds[2]!.leftOut).to.deep.equal([{ name: 'dc-2', reason: 'sent no report' }]);
    }),
  );

  it(
    'names each file that is broken, and shows the others',
    withFolderAsync(async (folder) => {
      const whole = JSON.stringify(outcome());
      const good = write(folder, 1, whole);
      write(folder, 2, whole.slice(0, -10));
      write(folder, 3, '{"counters": {}}');
      write(folder, 4, '');
      write(folder, 5, JSON.stringify(outcome({ Result: { left_out: 'none' } })));
      write(folder, 6, '['.repeat(200_000));
      symlinkSync(join(folder, good), join(folder, nameOf(7)));
      mkdirSync(join(folder, nameOf(8)));
      writeFileSync(join(folder, nameOf(9)), Uint8Array.of(0x22, 0xff, 0x22));
      write(folder, 10, '');
      truncateSync(join(folder, nameOf(10)), RESULT_BYTES_MAX + 1);
      const { rounds, faults } = await readResultsFolder(folder);
      expect(rounds.map(({ file }) => file)).to.deep.equal([good]);
      const problems = new Map(faults.map(({ file, problem }) => [file, problem]));
      expect([...problems.keys()]).to.deep.equal([10, 9, 8, 7, 6, 5, 4, 3, 2].map(nameOf));
      const expected = {
        2: /not JSON/,
        3: /not an outcome.*Context/,
        4: /not JSON/,
        5: /Result\.left_out/,
        6: /not JSON/,
        7: /a link/,
        8: /a folder/,
        9: /UTF-8/,
        10: /67108865 bytes.*at most 67108864/,
      };
      for (const [begin, problem] of Object.entries(expected)) {
        expect(problems.get(nameOf(Number(begin))), begin).to.match(problem);
      }
    }),
  );

  it(
    'leaves all other files alone',
    withFolderAsync(async (folder) => {
      const text = JSON.stringify(outcome());
      for (const name of [
        'privcount.tallies.1-2.json',
        'notes.json',
        'privcount.outcome.json',
        '.privcount.outcome.1-2.json',
        'privcount.outcome.1-2.json.tmp',
        'privcount.outcome.1-1e9.json',
      ]) {
        writeFileSync(join(folder, name), text);
      }
      expect(await readResultsFolder(folder)).to.deep.equal({ rounds: [], faults: [], unread: 0 });
    }),
  );

  it(
    'is read up to a number of rounds, the newest, and says how many are left',
    withFolderAsync(async (folder) => {
      for (const begin of [9, 10, 11, 100]) write(folder, begin, outcome({ begin }));
      const { rounds, unread } = await readResultsFolder(folder, { roundsMax: 3 });
      expect(rounds.map(({ roundId }) => roundId)).to.deep.equal(['round-100', 'round-11', 'round-10']);
      expect(unread).to.equal(1);
    }),
  );

  it(
    'is a fault itself if it is missing, or no folder',
    withFolderAsync(async (folder) => {
      const missing = join(folder, 'missing');
      expect((await readResultsFolder(missing)).faults).to.deep.equal([
        { file: missing, problem: 'the folder is missing' },
      ]);
      const file = join(folder, 'file');
      writeFileSync(file, '');
      expect((await readResultsFolder(file)).faults).to.deep.equal([{ file, problem: 'it is no folder' }]);
    }),
  );

  it(
    'follows a link that an operator names, and waits for no pipe',
    withFolderAsync(async (folder) => {
      const name = write(folder, 1, '{}');
      symlinkSync(join(folder, name), join(folder, 'link'));
      expect(await readResultText(join(folder, 'link'))).to.equal('{}');
      const error: unknown = await readResultText('/dev/null').catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(Error).with.property('message', 'it is no file');
    }),
  );
});

describeWithSharedData("a results folder of PrivCount's own", () => {
  it(
    'has rounds without ids',
    withFolderAsync(async (folder) => {
      const name = 'privcount.outcome.1795190804-1795190825.json';
      writeFileSync(join(folder, name), readShared(`original/${name}`));
      const { rounds, faults } = await readResultsFolder(folder);
      expect(faults).to.deep.equal([]);
      expect(rounds[0]).to.deep.include({
        roundId: undefined,
        outcome: 'released',
        beginMs: 1_795_190_803_876,
        endMs: 1_795_190_824_875,
        collectors: ['dc-1'],
        counters: 4,
        noise: undefined,
      });
    }),
  );
});
