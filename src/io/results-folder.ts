/** The outcomes in a results folder, as `results list` and the tally room show them. A broken file does not hide the others. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePastRound, type PastRound } from '../results/past-round.js';
import { ResultFileError } from '../results/result-file.js';
import { hasCode } from './files.js';
import { readResultText } from './result-text.js';

/** `file`: its name in the folder. */
export type FiledRound = PastRound & { readonly file: string };

/** `file`: its name in the folder; or the folder, if it is the folder that can't be read. */
export type ResultFault = { readonly file: string; readonly problem: string };

export type ResultsFolder = {
  /** Newest first. */
  readonly rounds: readonly FiledRound[];
  readonly faults: readonly ResultFault[];
  /** How many older files were not read, since there are more than `roundsMax`. */
  readonly unread: number;
};

/** A round an hour for three months. */
const ROUNDS_MAX = 2000;
/** PrivCount 2.0 names them alike: when the round began and ended, in seconds. */
const OUTCOME = /^privcount\.outcome\.(\d{1,15})-(\d{1,15})\.json$/;

/** Never throws for what is in the folder, nor if there is none. */
export async function readResultsFolder(
  folder: string,
  { roundsMax = ROUNDS_MAX }: { readonly roundsMax?: number } = {},
): Promise<ResultsFolder> {
  const names = await outcomeNames(folder);
  if ('problem' in names) return { rounds: [], faults: [names], unread: 0 };
  const rounds: FiledRound[] = [];
  const faults: ResultFault[] = [];
  // One after the other: a folder of large files must not fill the memory.
  for (const file of names.slice(0, roundsMax)) {
    try {
      const text = await readResultText(join(folder, file), { isLinkFollowed: false });
      rounds.push({ file, ...parsePastRound(text) });
    } catch (error) {
      if (!(error instanceof ResultFileError)) throw error;
      faults.push({ file, problem: error.message });
    }
  }
  rounds.sort((a, b) => b.beginMs - a.beginMs || (a.file < b.file ? 1 : -1));
  return { rounds, faults, unread: Math.max(0, names.length - roundsMax) };
}

/** Newest first, by name. */
async function outcomeNames(folder: string): Promise<string[] | ResultFault> {
  try {
    return (await readdir(folder))
      .flatMap((name) => {
        const begin = OUTCOME.exec(name)?.[1];
        return begin === undefined ? [] : [{ name, begin: Number(begin) }];
      })
      .sort((a, b) => b.begin - a.begin || (a.name < b.name ? 1 : -1))
      .map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { file: folder, problem: 'the folder is missing' };
    if (hasCode(error, 'ENOTDIR')) return { file: folder, problem: 'it is no folder' };
    return { file: folder, problem: "the folder can't be read" };
  }
}
