/** `npm run soak -- PART ...`: what takes too long for `npm test`. Prints figures; ends with 1 if a part does not hold. */
import { startProgress } from '../../src/cli/progress.js';
import { figuresOf, showMegabytes, showTimes } from './figures.js';
import { fuzzNode, fuzzTally, recordFrames } from './frame-fuzz.js';
import { soakHalfOpen } from './half-open.js';
import { soakKills } from './kills.js';
import { heapAfterCollection, runTests } from './measure.js';

/** Each prints what it measured, and answers whether it held. */
const parts: Readonly<Record<string, () => Promise<boolean>>> = {
  'half-open': halfOpen,
  'frame-fuzz': frameFuzz,
  kills,
  simulation: () => Promise.resolve(simulation()),
};

const STRANGERS = 10_000;
const ANSWER_MS_MAX = 1_000;

/** 10,000 idle half-open connections: answers to honest nodes stay below a second. */
async function halfOpen(): Promise<boolean> {
  // Some are always on their way back.
  const { alone, crowded, open, made, memory } = await soakHalfOpen({
    strangers: STRANGERS * 1.2,
    measureMs: 60_000,
    rampMsMax: 120_000,
  });
  print(`answers without strangers: ${showTimes(alone)}`);
  print(`answers with them:         ${showTimes(crowded)}`);
  print(`strangers' connections: ${open.least} to ${open.most} at a time, ${made} made`);
  print(
    `memory of the tally: ${showMegabytes(memory.alone)} without, ${showMegabytes(memory.crowded)} with them`,
  );
  if (open.least < STRANGERS)
    print('too few at a time: each is cut off after 10 s, and this machine does not make 1,000 a second');
  return open.least >= STRANGERS && crowded.max < ANSWER_MS_MAX;
}

const FRAMES = Number(process.env['PRIVCOUNT_FRAMES'] ?? 10_000_000);
const FUZZ_MS_MAX = Number(process.env['PRIVCOUNT_FUZZ_SECONDS'] ?? 3_600) * 1000;
const FRAMES_A_TURN = 20_000;
const HEAP_GROWTH_MAX = 64e6;

/** 10 million mutated frames, or an hour of them: no role throws, honest rounds are exact, the heap does not grow. */
async function frameFuzz(): Promise<boolean> {
  const recorded = await recordFrames();
  const startMs = performance.now();
  const sent = { tally: 0, keeper: 0, collector: 0 };
  const total = () => sent.tally + sent.keeper + sent.collector;
  const heaps: number[] = [];
  const progress = startProgress({ label: 'frames', total: FRAMES });
  let seed = Number(process.env['PRIVCOUNT_SEED'] ?? 1);
  for (; total() < FRAMES && performance.now() - startMs < FUZZ_MS_MAX; seed += 1) {
    try {
      sent.tally += await fuzzTally(seed, recorded, FRAMES_A_TURN);
      sent.keeper += fuzzNode('keeper', seed, recorded, FRAMES_A_TURN);
      sent.collector += fuzzNode('collector', seed, recorded, FRAMES_A_TURN);
    } catch (error) {
      progress.end();
      print(`fails with PRIVCOUNT_SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      return false;
    }
    heaps.push(heapAfterCollection());
    progress.advance(3 * FRAMES_A_TURN);
  }
  progress.end();
  print(`frames: ${sent.tally} at the tally, ${sent.keeper} at a keeper, ${sent.collector} at a collector`);
  print(`honest rounds beside them, all exact: ${heaps.length}`);
  // What is compiled and cached in the first turns stays.
  const growth = heaps.at(-1)! - heaps[Math.min(2, heaps.length - 1)]!;
  print(
    `heap: ${showMegabytes(heaps[0]!)} after the first turn, ${showMegabytes(heaps.at(-1)!)} after the last`,
  );
  return growth < HEAP_GROWTH_MAX;
}

/** The simulation of whole rounds with faults, with 10,000 seeds. */
function simulation(): boolean {
  return runTests('simulation/*.test.js', { PRIVCOUNT_SEEDS: process.env['PRIVCOUNT_SEEDS'] ?? '10000' });
}

const KILLS = Number(process.env['PRIVCOUNT_KILLS_WANTED'] ?? 1_000);

/** Kills of real processes at each of their commits: nothing is lost or counted twice but what came since a checkpoint. */
async function kills(): Promise<boolean> {
  const seed = Number(process.env['PRIVCOUNT_SEED'] ?? 1);
  let told = 0;
  let killed = 0;
  const progress = startProgress({ label: 'kills', total: KILLS });
  const { kills: done, ...soak } = await soakKills({ kills: KILLS, seed }, (soFar) => {
    progress.clear();
    const points = [...soFar.points].map(([role, { covered, all }]) => `${role} ${covered} of ${all}`);
    const { median, p99 } = figuresOf(soFar.recoveries);
    for (; told < soFar.faults.length; told += 1) print(`fault: ${soFar.faults[told]}`);
    print(
      `${soFar.kills} kills in ${soFar.rounds} rounds, ${soFar.faults.length} faults; points: ${points.join(', ')}; ` +
        `back after ${(median / 1000).toFixed(1)} s, 99 of 100 after ${(p99 / 1000).toFixed(1)} s`,
    );
    progress.advance(soFar.kills - killed);
    killed = soFar.kills;
  });
  progress.end();
  for (const [role, { covered, all }] of soak.points) print(`${role}: killed at ${covered} of ${all} points`);
  print(`kills: ${done} in ${soak.rounds} rounds; events counted: ${soak.counted}`);
  print(`lost: ${soak.lost}, counted twice: ${soak.twice}`);
  print(`collectors killed before their first checkpoint and back too late: ${soak.leftOut}`);
  print(`from a start to being in the network again: ${showTimes(figuresOf(soak.recoveries))}`);
  return soak.faults.length === 0 && soak.lost === 0 && soak.twice === 0;
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
