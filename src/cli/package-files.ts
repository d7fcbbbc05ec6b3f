/** Files that come with the program, in `config/` of the package, wherever it is installed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file below `config/`; the program is in build/src/cli or, as a package, in the same place. */
export function packagedConfig(name: string): string {
  const path = fileURLToPath(new URL(`../../../config/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`the installation is not complete: ${path} is missing`);
  return path;
}
