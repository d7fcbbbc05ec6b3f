/** A process for store-kill.test.ts to kill: writes without end, and tells the number of each write once it is done. */
import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { openStore } from '../../src/io/sqlite-store.js';
import { batchOf, KILL_TEST_KEY } from './store-batches.js';

const store = openStore(argv[2]!, { key: KILL_TEST_KEY });
const first = store.list('journal/').length;
for (let number = first; ; number += 1) {
  store.write(batchOf(number));
  writeSync(1, `${number + 1}\n`);
}
