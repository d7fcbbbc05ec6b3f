/** `npm run soak -- PART ...`: what takes too long for `npm test`. Prints figures; ends with 1 if a part does not hold. */
import { showMegabytes, showTimes } from './figures.js';
import { soakHalfOpen } from './half-open.js';

/** Each prints what it measured, and answers whether it held. */
const parts: Readonly<Record<string, () => Promise<boolean>>> = {
  'half-open': halfOpen,
};

const STRANGERS = 10_000;
const ANSWER_MS_MAX = 1_000;

/** 10,000 idle half-open connections: answers to honest nodes stay below a second. */
async function halfOpen(): Promise<boolean> {
  // Some are always on their way back.
  const { alone, crowded, open, made, memory } = await soakHalfOpen({
    strangers: STRANGERS * 1.04,
    measureMs: 60_000,
    rampMsMax: 120_000,
  });
  print(`answers without strangers: ${showTimes(alone)}`);
  print(`answers with them:         ${showTimes(crowded)}`);
  print(`strangers' connections: at least ${open.least} at a time, ${made} made`);
  print(
    `memory of the tally: ${showMegabytes(memory.alone)} without, ${showMegabytes(memory.crowded)} with them`,
  );
  return open.least >= STRANGERS && crowded.max < ANSWER_MS_MAX;
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
    const startMs = performance.now();
    process.stdout.write(`${name}\n`);
    const holds = await parts[name]!();
    print(
      `${holds ? 'holds' : 'DOES NOT HOLD'}, after ${Math.round((performance.now() - startMs) / 1000)} s`,
    );
    if (!holds) process.exitCode = 1;
  }
}
