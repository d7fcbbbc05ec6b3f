import { readFileSync } from 'node:fs';

/** What Linux gives a process at least, where the limit can't be read. */
const DEFAULT = 1024;

/** How many files and connections this process may have open. Node has raised the soft limit to the hard one. */
export function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? DEFAULT : line[1] === 'unlimited' ? Infinity : Number(line[1]);
  } catch {
    return DEFAULT;
  }
}
