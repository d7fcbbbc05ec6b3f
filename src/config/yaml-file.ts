/**
 * YAML to a typed value, or every fault (style, "EDGES"). YAML 1.2: `yes` is a word, a date is text, and a key that
 * stands twice is an error.
 */
import { load, YAMLException } from 'js-yaml';
import { type z } from 'zod';
import { ConfigError, type ConfigFault, showValue } from './config-error.js';

/** A file that was read: its name is for messages. */
export type ConfigSource = {
  readonly file: string;
  readonly bytes: Uint8Array;
};

/** PrivCount's 5,314 counters with bins and comments are 1.3 MB. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

type Issue = z.core.$ZodIssue;

/**
 * Reads the file by the schema. The message of each issue must say what would be right (see fields.ts). `replaced` has a
 * sentence for keys of PrivCount that mean nothing any more. Throws ConfigError.
 */
export function parseYaml<Output>(
  source: ConfigSource,
  schema: z.ZodType<Output>,
  replaced: Readonly<Record<string, string>> = {},
): Output {
  const document = loadYaml(source);
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.flatMap((issue) => faultsOf(issue, { file: source.file, document, replaced })),
  );
}

function loadYaml({ file, bytes }: ConfigSource): unknown {
  if (bytes.length > FILE_BYTES_MAX) {
    throw wholeFile(file, `has ${bytes.length} bytes`, `at most ${FILE_BYTES_MAX} bytes`);
  }
  try {
    return load(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof YAMLException) {
      const line = error.mark === undefined ? '' : ` (line ${error.mark.line + 1})`;
      throw wholeFile(file, `is not YAML: ${error.reason}${line}`, 'a file in YAML 1.2');
    }
    if (error instanceof TypeError) throw wholeFile(file, 'is not text in UTF-8', 'a file in UTF-8');
    throw error;
  }
}

function wholeFile(file: string, problem: string, wanted: string): ConfigError {
  return new ConfigError([{ file, key: '', problem, wanted }]);
}

type Place = {
  readonly file: string;
  readonly document: unknown;
  readonly replaced: Readonly<Record<string, string>>;
};

function faultsOf(issue: Issue, { file, document, replaced }: Place): ConfigFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const isReplaced = Object.hasOwn(replaced, key);
      return {
        ...faultAt(file, document, [...issue.path, key]),
        problem: isReplaced
          ? 'is a key of PrivCount 2.0 that is not used any more'
          : 'is not a key that is known here',
        wanted: isReplaced ? replaced[key]! : issue.message,
      };
    });
  }
  const value = valueAt(document, issue.path);
  const problem =
    problemParameter(issue) ??
    (value === undefined ? 'is missing' : `is ${problemWords[issue.code] ?? 'not usable'}`);
  return [{ ...faultAt(file, document, issue.path), problem, wanted: issue.message }];
}

const problemWords: Partial<Record<Issue['code'], string>> = {
  invalid_type: 'of the wrong kind',
  too_small: 'too small',
  too_big: 'too large',
};

/** What a check of several keys found: `params.problem` of its issue. */
function problemParameter(issue: Issue): string | undefined {
  const problem: unknown = issue.code === 'custom' ? issue.params?.['problem'] : undefined;
  return typeof problem === 'string' ? problem : undefined;
}

function faultAt(
  file: string,
  document: unknown,
  path: readonly PropertyKey[],
): Pick<ConfigFault, 'file' | 'key' | 'value'> {
  const value = showValue(valueAt(document, path));
  return { file, key: keyOf(path), ...(value === undefined ? {} : { value }) };
}

function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`;
    return key === '' ? String(part) : `${key}.${String(part)}`;
  }, '');
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    document,
  );
}
