/**
 * Event by event against the original: what each line of its records adds, by counter, bin and amount, and that just the lines
 * are rejected that it ignored with a warning. The totals of whole files are in oracle.test.ts.
 */
import { existsSync } from 'node:fs';
import { expect } from 'chai';

import { catalogueWith } from '../../src/collection/catalogue/catalogue.js';
import { readTrafficModel } from '../../src/collection/traffic/model-file.js';
import { type CounterLayout, layOutCounters } from '../../src/core/counters.js';
import { LANES_PER_CELL, type RingVector, toSigned } from '../../src/core/ring.js';
import { describeWithSharedData, readShared, sharedPath } from '../support/shared-data.js';
import {
  collect,
  forEachLine,
  oracleCases,
  type OracleEvent,
  oracleLayout,
  oracleLists,
  readOracleEvents,
  readOracleTally,
} from './oracle.js';

const recordsOf = (folder: string): string => `${folder}/per_event.jsonl.gz`;

const REJECTED = { name: 'RejectedEventCount', bins: [[0, Infinity]] } as const;

const VITERBI = { folder: 'oracle/viterbi_both', events: 'oracle/traffic/viterbi.events.txt' };

/** The vector's cells that are not 0, by number. */
function movedCells(lanes: RingVector): Map<number, bigint> {
  const moved = new Map<number, bigint>();
  for (let lane = 0; lane < lanes.length; lane += 1) {
    if (lanes[lane] === 0) continue;
    const cell = Math.floor(lane / LANES_PER_CELL);
    const from = cell * LANES_PER_CELL;
    moved.set(cell, toSigned(lanes.slice(from, from + LANES_PER_CELL))[0]!);
    lane = from + LANES_PER_CELL - 1;
  }
  return moved;
}

/** The same of what the original added; a value in no bin added nothing. An event that it ignored is rejected here. */
function expectedCells(
  { byName }: CounterLayout,
  { isIgnored, increments }: OracleEvent,
): Map<number, bigint> {
  const cells = new Map<number, bigint>();
  if (isIgnored) cells.set(byName.get(REJECTED.name)!.firstCell, 1n);
  for (const [name, bin, amount] of increments) {
    const place = byName.get(name);
    if (place === undefined || typeof bin !== 'number' || BigInt(amount) === 0n) continue;
    const cell = place.firstCell + bin;
    cells.set(cell, (cells.get(cell) ?? 0n) + BigInt(amount));
  }
  return cells;
}

const sorted = (cells: ReadonlyMap<number, bigint>): string =>
  [...cells]
    .map(([cell, amount]) => `${cell}: ${amount}`)
    .sort()
    .join();

describeWithSharedData('events against the original', () => {
  const cases = [...oracleCases(), VITERBI].filter(({ folder }) => existsSync(sharedPath(recordsOf(folder))));

  it('has records of six cases', () => {
    expect(cases).to.have.lengthOf(6);
  });

  for (const { folder, events } of cases) {
    it(`adds at each line of ${events} what ${folder} says`, function () {
      this.timeout(400_000);
      const text = readShared('oracle/traffic/model.both.json').toString();
      const model = folder === VITERBI.folder ? readTrafficModel(text).model! : undefined;
      const known = catalogueWith(model);
      const tally = readOracleTally(`${folder}/tally.0rotations.json.gz`);
      const { places } = oracleLayout(tally, (name) => known.has(name));
      // All but ZeroCount, which nothing adds to.
      expect(places.length).to.equal(tally.size - 1);
      const layout = layOutCounters([...places, REJECTED]);
      const { collection, lanes } = collect(layout, oracleLists(), model);
      const records = readOracleEvents(recordsOf(folder));
      const wrong: number[] = [];
      let line = 0;
      forEachLine(readShared(events), (bytes, start, end) => {
        const record = records[line]!;
        line += 1;
        collection.count(bytes, start, end);
        // What is wrongly added at a line where nothing is due shows at the next where something is.
        if (record.increments.length === 0 && !record.isIgnored && line < records.length) return;
        if (sorted(movedCells(lanes)) !== sorted(expectedCells(layout, record))) wrong.push(line);
        lanes.fill(0);
      });
      expect(wrong, 'lines').to.deep.equal([]);
      expect(line).to.equal(records.length);
      const counted = records.filter(({ increments }) => increments.length > 0);
      expect(counted.length).to.be.greaterThan(10);
    });
  }
});
