/** Several files are read, and an operator hears of the faults of all of them at once. */
import { ConfigError, type ConfigFault } from '../config/config-error.js';

type Readers = Readonly<Record<string, () => unknown>>;
type Read<Given extends Readers> = { readonly [Key in keyof Given]: ReturnType<Given[Key]> };

/** What each reader gives. Throws one ConfigError with the faults of all that threw one; any other error passes at once. */
export function readAll<Given extends Readers>(readers: Given): Read<Given> {
  const faults: ConfigFault[] = [];
  const entries = Object.entries(readers).map(([key, read]) => {
    try {
      return [key, read()];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(...error.faults);
      return [key, undefined];
    }
  });
  if (faults.length > 0) throw new ConfigError(withoutRepeats(faults));
  return Object.fromEntries(entries) as Read<Given>;
}

/** Two readers may have found the same fault of the same file. */
function withoutRepeats(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}
