/**
 * The command lines of privcount that stand in a document, as words: those in blocks of commands (indented, or fenced as
 * `sh`), and those in code within a sentence. What programs print stands in blocks that are fenced as `text`, or as nothing.
 */
import { readProjectFile } from './documents.js';

/** What a sentence may say of commands in general. */
const GENERAL = /^(?:COMMAND|command-pages|\.\.\.)$/;
const FENCE = /^( *)```([a-z]*)\n([\s\S]*?)^\1```$/gm;

export type CommandLine = {
  readonly words: readonly string[];
  /** A line to be typed; else a sentence names the command with some of its options, and may leave out the rest. */
  readonly isWhole: boolean;
};

export function commandLinesIn(path: string): CommandLine[] {
  const text = readProjectFile(path);
  const prose = text.replace(FENCE, (_block, _indent, language: string, body: string) =>
    language === 'sh' ? body.replace(/^/gm, '    ') : '',
  );
  const typed = [...prose.matchAll(/^ {4}(?:.* && )?privcount (.*(?:\\\n.*)*)$/gm)];
  const named = [...prose.replace(/^ {4}.*$/gm, '').matchAll(/`privcount ([^`]+)`/g)];
  const toLine =
    (isWhole: boolean) =>
    ([, rest]: RegExpMatchArray): CommandLine => ({
      words: toWords(rest!.replace(/\\\n/g, ' ')),
      isWhole,
    });
  return [...typed.map(toLine(true)), ...named.map(toLine(false))].filter(
    ({ words }) => !GENERAL.test(words[0]!),
  );
}

/** As a shell would, up to what is not for the program: a comment, a pipe, a redirection. */
function toWords(line: string): string[] {
  const [command] = line.split(/ +(?:#|\||2?>|&)/);
  return [...command!.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ''));
}
