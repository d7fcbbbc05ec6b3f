/** What a parser throws, as lines of text. */
import { expect } from 'chai';
import { ConfigError } from '../../src/config/config-error.js';
import { type ConfigSource } from '../../src/config/yaml-file.js';

export function source(text: string, file = 'etc/file.yaml'): ConfigSource {
  return { file, bytes: new TextEncoder().encode(text) };
}

/** `key = value: problem; wanted: wanted` of each fault. */
export function faultsOf(task: () => unknown): string[] {
  return configErrorOf(task).faults.map(
    ({ key, value, problem, wanted }) =>
      `${key}${value === undefined ? '' : ` = ${value}`}: ${problem}; wanted: ${wanted}`,
  );
}

/** The keys of all faults. */
export function keysOf(task: () => unknown): string[] {
  return configErrorOf(task).faults.map(({ key }) => key);
}

export function configErrorOf(task: () => unknown): ConfigError {
  try {
    task();
  } catch (error) {
    expect(error, String(error)).to.be.instanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('nothing was thrown');
}
