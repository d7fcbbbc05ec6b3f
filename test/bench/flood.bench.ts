/**
 * What a collector costs a relay's machine, in a whole round of real processes: at the rate of the busiest relay seen, with
 * cell events (spec/tor-control.md, "Lines and replies"), and as fast as a relay could send. Waits are measured at the
 * relay's end of the socket.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floodCollector } from '../support/flooded-collector.js';
import { canMeasureProcesses } from '../support/process-load.js';
import { type BenchRow } from './bench-row.js';

const BUSIEST_RATE = 81_610;
const COLLECT_S = 12;
const MEASURED_MS = 9000;

export async function benchFlood(): Promise<BenchRow[]> {
  if (!canMeasureProcesses) return [];
  return [
    ...(await rowsAt(`${BUSIEST_RATE.toLocaleString('en')} events/s`, BUSIEST_RATE)),
    ...(await rowsAt('full speed', undefined)),
  ];
}

async function rowsAt(title: string, rate: number | undefined): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'privcount-flood-'));
  try {
    const figures = await floodCollector({
      folder,
      collectPeriod: COLLECT_S,
      measuredMs: MEASURED_MS,
      ...(rate !== undefined && { rate }),
    });
    return [
      { name: `${title}: events taken`, unit: 'events/s', value: (1000 * figures.sent) / MEASURED_MS },
      { name: `${title}: processor`, unit: 'cores', value: figures.cores },
      { name: `${title}: most memory`, unit: 'MiB', value: figures.peakMiB },
      { name: `${title}: longest wait of the relay's output`, unit: 'ms', value: figures.longestWaitMs },
      { name: `${title}: most of it that waited`, unit: 'bytes', value: figures.mostWaitingBytes },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
