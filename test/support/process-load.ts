/** What another process takes of the machine, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second, whatever its clock does. */
const TICKS_PER_SECOND = 100;

/** False where there is no /proc. */
export const canMeasureProcesses = process.platform === 'linux';

/** Seconds of all cores together, of all threads, since it began. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  // Fields 14 and 15 of proc(5), the third of which is the first here.
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory that it ever had, in MiB. */
export function peakMemoryMiB(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line![1]) / 1024;
}
