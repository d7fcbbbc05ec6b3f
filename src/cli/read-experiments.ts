/** Result files that the command line names, each with a label. */
import { basename } from 'node:path';
import { readResultText } from '../io/result-text.js';
import { type Experiment } from '../results/experiments.js';
import { NoTotalsError, parseResultFile, ResultFileError, type RoundResult } from '../results/result-file.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';
import { toUtcText } from './utc-text.js';

export const RESULT_FILE =
  'an outcome or a tallies file of a released round, of this program or of PrivCount 2.0';

export type NamedFile = { readonly path: string; readonly label: string };

/** Legends and columns have room for no more. */
const LABEL_LENGTH_MAX = 100;

/** Each file under its own name. */
export function withLabels(paths: readonly string[]): NamedFile[] {
  return paths.map((path) => ({ path, label: labelOf(path) }));
}

/**
 * Throws OperatorError if there is none, if two have one label, or if one is no result file with totals; but `note` hears of
 * rounds that have none, if it is given and others have.
 */
export async function readExperiments(
  named: readonly NamedFile[],
  note?: (message: string) => void,
): Promise<Experiment[]> {
  if (named.length === 0) throw usage(`give ${RESULT_FILE}`);
  checkLabels(named.map(({ label }) => label));
  const experiments: Experiment[] = [];
  const without: { readonly path: string; readonly error: WithoutTotals }[] = [];
  // One after the other: a hundred large files are not read at once.
  for (const { path, label } of named) {
    try {
      experiments.push({ label, result: await readResult(path) });
    } catch (error) {
      if (note === undefined || !isWithoutTotals(error)) throw error;
      without.push({ path, error });
    }
  }
  if (experiments.length === 0) throw without[0]!.error;
  for (const { path, error } of without) note?.(`left out: ${path}: ${printable(error.cause.message)}`);
  return experiments;
}

type WithoutTotals = OperatorError & { readonly cause: NoTotalsError };

function isWithoutTotals(error: unknown): error is WithoutTotals {
  return error instanceof OperatorError && error.cause instanceof NoTotalsError;
}

export function checkLabels(labels: readonly string[]): void {
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined)
    throw usage(
      `two files are called ${twice}; wanted: of a round's outcome and tallies one, and names that differ ` +
        '(plot takes labels too: --outcome PATH LABEL)',
    );
  const bad = labels.find(
    (label) => label === '' || label.length > LABEL_LENGTH_MAX || /[\p{C}\p{Zl}\p{Zp}]/u.test(label),
  );
  if (bad === undefined) return;
  throw usage(
    `a label has ${bad.length} characters, or some that are not printable; wanted: 1 to ${LABEL_LENGTH_MAX} that are; ` +
      'give the file another with --outcome PATH LABEL',
  );
}

export async function readResult(path: string): Promise<RoundResult> {
  try {
    return parseResultFile(await readResultText(path));
  } catch (error) {
    if (!(error instanceof ResultFileError)) throw error;
    throw usage(`${path}: ${printable(error.message)}; wanted: ${RESULT_FILE}`, error);
  }
}

/** What a file says is for a terminal only without what a terminal obeys. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

function usage(message: string, cause?: unknown): OperatorError {
  return new OperatorError(message, EXIT.usage, { cause });
}

/** A round's file is called by when the round began, `2026-11-20 16:06:44 UTC`; a file of another name by that. */
function labelOf(path: string): string {
  const name = basename(path)
    .replace(/\.json$/, '')
    .replace(/^privcount\.(outcome|tallies)\./, '');
  const [, seconds] = /^(\d{1,11})-\d+$/.exec(name) ?? [];
  return seconds === undefined ? name : `${toUtcText(Number(seconds) * 1000)} UTC`;
}
