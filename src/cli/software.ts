/** What this program calls itself, to operators and to other nodes. */
import { readFileSync } from 'node:fs';

/** The package's version, from its package.json; the program is in build/src/cli of the package. */
export function softwareVersion(): string {
  const json: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : 'unknown';
}
