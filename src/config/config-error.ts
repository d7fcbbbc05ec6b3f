/** What an operator must change, all of it at once: file, key, value, what is wrong with it and what would be right. */

export type ConfigFault = {
  readonly file: string;
  /** The place in the file's own words, as in `tally_server.listen_port`; empty for the file as a whole. */
  readonly key: string;
  /** As it stands in the file, cut short; absent where there is none to show. */
  readonly value?: string;
  readonly problem: string;
  readonly wanted: string;
};

/** A file of 5,314 wrong counters must not scroll the first fault away. All of them are in `faults`. */
const FAULTS_SHOWN = 20;
const VALUE_CHARACTERS = 80;

export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    super(messageOf(faults), options);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Throws a ConfigError if there are faults. */
export function checkNoFaults(faults: readonly ConfigFault[]): void {
  if (faults.length > 0) throw new ConfigError(faults);
}

/** A value of a YAML file for people: scalars as they are, the rest by its kind. */
export function showValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  // JSON has no NaN or Infinity, which YAML has.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}...` : text;
}

function messageOf(faults: readonly ConfigFault[]): string {
  const lines = faults.slice(0, FAULTS_SHOWN).map(lineOf);
  const more = faults.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return lines.join('\n');
}

function lineOf({ file, key, value, problem, wanted }: ConfigFault): string {
  const place = key === '' ? file : `${file}: ${key}`;
  return `${place}${value === undefined ? '' : ` = ${value}`}: ${problem}; wanted: ${wanted}`;
}
