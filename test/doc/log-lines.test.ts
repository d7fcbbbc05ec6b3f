import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { blocksOf, documents, projectPath, readProjectFile, tableBelow } from './documents.js';

const OPERATING = 'doc/operating.md';
/** What varies in a line: words in capitals, and what is left out. */
const VARYING = /\.\.\.|\b[A-Z]+\b/;
/** Shorter pieces of a line stand anywhere. */
const LENGTH_MIN = 4;
/** A piece this long tells a line from all others. */
const TELLING_LENGTH_MIN = 8;
/** Less than this stands around a reason that is written elsewhere. */
const OWN_TEXT_LENGTH_MIN = 20;
/** What plays a relay in tests is no node, and has no operator. */
const NO_NODE = /\/injector/;

function sources(folder: string): string[] {
  return readdirSync(projectPath(folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(projectPath(path)).isDirectory()) return sources(path);
    return NO_NODE.test(path) ? [] : [readProjectFile(path)];
  });
}

const all = sources('src');

function isSaid(piece: string): boolean {
  return all.some((source) => source.replaceAll("\\'", "'").includes(piece));
}

/** The fixed pieces of each line in a cell; lines stand between ticks. */
function piecesOf(cell: string): string[] {
  const lines = cell.includes('`') ? [...cell.matchAll(/`([^`]+)`/g)].map(([, line]) => line!) : [cell];
  return lines.flatMap((line) =>
    line
      .split(VARYING)
      .map((piece) => piece.trim().replace(/:$/, ''))
      .filter((piece) => piece.length >= LENGTH_MIN),
  );
}

/** The texts that are logged as a warning or an error, where they stand beside the level. */
function loggedIn(source: string): string[] {
  const calls = source.matchAll(/(?:log\.(?:warn|error)\(|log\('(?:warn|error)',)\s*([`'])(.*?)\1/gs);
  const fixed = (text: string): string => text.replace(/^round |\$\{[^}]*(?:\}|$)/g, '');
  return [...calls].map(([, , text]) => text!).filter((text) => fixed(text).length >= OWN_TEXT_LENGTH_MIN);
}

describe('log lines in doc/operating.md', () => {
  const rows = tableBelow(OPERATING, 'Log lines');

  it('are what the program says', () => {
    for (const [, , line] of rows)
      for (const piece of piecesOf(line!)) expect(isSaid(piece), piece).to.equal(true);
  });

  it('leave out no warning and no error that has a text of its own', () => {
    const pieces = rows
      .flatMap(([, , line]) => piecesOf(line!))
      .filter(({ length }) => length >= TELLING_LENGTH_MIN);
    const untold = all.flatMap(loggedIn).filter((text) => !pieces.some((piece) => text.includes(piece)));
    expect(untold).to.deep.equal([]);
  });

  it('gives reasons of aborted rounds as the tally says them', () => {
    for (const [reason] of tableBelow(OPERATING, 'When a round is aborted'))
      for (const piece of piecesOf(reason!)) expect(isSaid(piece), piece).to.equal(true);
  });
});

/** A line of a log as it was printed: time, seconds, who, level. */
const PRINTED = /^\d{4}-\d\d-\d\d [^[]*\[privcount-[a-z]+\] \[[A-Z]+\] (.*)$/gm;
/** What varies in a printed line: numbers, ids and names with a number, versions, and the names of the tutorial's nodes. */
const PRINTED_VARYING = /\S*\d\S*|\b(?:alder|birch|cedar)\b,?|[:;,(]+ /;

describe('log lines that the documents show as they were printed', () => {
  const lines = documents().flatMap((path) =>
    blocksOf(path)
      .flatMap(({ text }) => [...text.matchAll(PRINTED)])
      .map(([, line]) => ({ path, line: line! })),
  );

  it('are such as the program says', () => {
    expect(lines).to.have.length.greaterThan(30);
    const untrue = lines.filter(({ line }) => {
      const pieces = line.split(PRINTED_VARYING).map((piece) => piece.trim());
      const telling = pieces.filter((piece) => piece.length >= TELLING_LENGTH_MIN);
      // A sentence is put together of several pieces of source: one of them is enough.
      return telling.length > 0 && !telling.some(isSaid);
    });
    expect(untrue.map(({ path, line }) => `${path}: ${line}`)).to.deep.equal([]);
  });
});
