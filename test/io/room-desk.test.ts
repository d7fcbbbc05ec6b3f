import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { RoomDesk } from '../../src/io/room-desk.js';
import { type RoomPast } from '../../src/roles/room-state.js';
import { COUNTERS, outcomeJson, outcomeName } from '../support/room-states.js';
import { withFolderAsync } from './temporary-folder.js';

const FILE = outcomeName(5_000);

function workerFile(folder: string, script: string): URL {
  const path = join(folder, 'worker.mjs');
  writeFileSync(path, `import { parentPort } from 'node:worker_threads';\n${script}`);
  return pathToFileURL(path);
}

describe('the desk of the tally room', function () {
  this.timeout(60_000);

  it(
    'lists the rounds of a folder, with what is wrong in it',
    withFolderAsync(async (folder) => {
      writeFileSync(join(folder, FILE), JSON.stringify(outcomeJson({ begin: 5_000, counters: COUNTERS })));
      writeFileSync(join(folder, outcomeName(6_000)), '[]');
      const desk = new RoomDesk();
      const answer = await desk.ask({ kind: 'past', folder });
      await desk.close();
      const past = JSON.parse(answer.kind === 'text' ? answer.text : '{}') as RoomPast;
      expect(past.rounds.map(({ file }) => file)).to.deep.equal([FILE]);
      expect(past.faults.map(({ file }) => file)).to.deep.equal([outcomeName(6_000)]);
    }),
  );

  it(
    'reads the newest 200 files of a folder, and no others: each may be large',
    withFolderAsync(async (folder) => {
      const text = JSON.stringify(outcomeJson({ begin: 5_000, counters: COUNTERS }));
      for (let at = 0; at < 202; at += 1) writeFileSync(join(folder, outcomeName(5_000 + at)), text);
      for (const old of [4_998, 4_999]) writeFileSync(join(folder, outcomeName(old)), '[]');
      const desk = new RoomDesk();
      const answer = await desk.ask({ kind: 'past', folder });
      await desk.close();
      const past = JSON.parse(answer.kind === 'text' ? answer.text : '{}') as RoomPast;
      expect(past.rounds).to.have.length(200);
      expect(past.rounds.map(({ file }) => file)).not.to.include(outcomeName(5_001));
      expect(past.faults).to.deep.equal([]);
      expect(past.unread).to.equal(4);
    }),
  );

  it(
    'keeps what it has answered until the file is another',
    withFolderAsync(async (folder) => {
      const path = join(folder, FILE);
      const script =
        'let n = 0; parentPort.on("message", ({ id }) => parentPort.postMessage({ id, result: { kind: "text", text: String(++n) } }));';
      const desk = new RoomDesk({ workerFile: workerFile(folder, script) });
      writeFileSync(path, 'one');
      const ask = () => desk.ask({ kind: 'detail', folder, file: FILE });
      expect(await ask()).to.deep.equal({ kind: 'text', text: '1' });
      expect(await ask()).to.deep.equal({ kind: 'text', text: '1' });
      writeFileSync(path, 'another');
      expect(await ask()).to.deep.equal({ kind: 'text', text: '2' });
      await desk.close();
    }),
  );

  it(
    'starts another thread for what is asked after one that failed, ended or is stuck',
    withFolderAsync(async (folder) => {
      const faults = {
        'throw new Error("broken");': 'broken',
        'process.exit(3);': 'the thread ended',
        'parentPort.on("message", () => undefined);': 'the thread gave no answer in time',
      };
      for (const [script, problem] of Object.entries(faults)) {
        const desk = new RoomDesk({ workerFile: workerFile(folder, script), answerMsMax: 1_500 });
        for (let at = 0; at < 2; at += 1)
          expect(await desk.ask({ kind: 'past', folder }), script).to.deep.equal({
            kind: 'failure',
            problem,
          });
        await desk.close();
      }
    }),
  );

  it(
    'gives each answer its time, however many are asked before it',
    withFolderAsync(async (folder) => {
      const script =
        'parentPort.on("message", ({ id }) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); ' +
        'parentPort.postMessage({ id, result: { kind: "text", text: "late" } }); });';
      const desk = new RoomDesk({ workerFile: workerFile(folder, script), answerMsMax: 5_000 });
      const asked = Array.from({ length: 12 }, () => desk.ask({ kind: 'past', folder }));
      for (const answer of await Promise.all(asked))
        expect(answer).to.deep.equal({ kind: 'text', text: 'late' });
      await desk.close();
    }),
  );

  it(
    'answers that it is busy when too much is asked, but lists the rounds all the same',
    withFolderAsync(async (folder) => {
      const script = 'parentPort.on("message", () => undefined);';
      const desk = new RoomDesk({ workerFile: workerFile(folder, script) });
      writeFileSync(join(folder, FILE), '{}');
      const asked = Array.from({ length: 64 }, () => desk.ask({ kind: 'past', folder }));
      expect(await desk.ask({ kind: 'detail', folder, file: FILE })).to.deep.equal({ kind: 'busy' });
      asked.push(desk.ask({ kind: 'past', folder }));
      await desk.close();
      for (const answer of await Promise.all(asked)) expect(answer.kind).to.equal('failure');
    }),
  );

  it(
    'says that a file is missing',
    withFolderAsync(async (folder) => {
      const desk = new RoomDesk();
      const answer = await desk.ask({ kind: 'csv', folder, file: FILE });
      await desk.close();
      expect(answer).to.deep.equal({ kind: 'fault', problem: 'it is missing' });
    }),
  );
});
