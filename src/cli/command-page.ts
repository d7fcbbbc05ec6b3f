/**
 * The pages in doc/commands: on each, between two marks, what `privcount COMMAND --help` prints; around it what a person
 * wrote, which is kept. `privcount command-pages doc/commands` brings them up to date, and a test checks that they are.
 */
import { type CommandModule } from 'yargs';
import { commandLine } from './command-line.js';

const START = '<!-- Written by `privcount command-pages`: change the command, not this. -->';
const END = '<!-- The end of what is written. -->';

export type CommandSummary = {
  /** Its first word. */
  readonly name: string;
  readonly describe: string;
};

/** All commands but those that are hidden, in the order of their names. */
export function commandSummaries(): CommandSummary[] {
  const found: CommandSummary[] = [];
  commandLine([], (command) => {
    if (typeof command.describe === 'string')
      found.push({ name: nameOf(command), describe: command.describe });
    return command;
  });
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function nameOf({ command }: Pick<CommandModule<object, unknown>, 'command'>): string {
  return String(command).split(' ')[0]!;
}

/** The page with its help brought up to date; a new one, if there is none. Undefined if the marks are gone. */
export async function toCommandPage(page: string | undefined, name: string): Promise<string | undefined> {
  const help = await helpOf([name]);
  const helps = [help, ...(await Promise.all(subcommandsIn(help, name).map((sub) => helpOf([name, sub]))))];
  const blocks = helps.map((text) => `\`\`\`text\n${text}\n\`\`\``);
  return withBlock(page ?? skeleton(`# privcount ${name}`), blocks.join('\n\n'));
}

/** The index of the pages, in the same way. */
export function toCommandIndex(page: string | undefined): string | undefined {
  const lines = commandSummaries().map(({ name, describe }) => `- [\`${name}\`](${name}.md): ${describe}`);
  return withBlock(page ?? skeleton('# Commands'), lines.join('\n'));
}

function skeleton(title: string): string {
  return `${title}\n\n${START}\n${END}\n`;
}

function withBlock(page: string, block: string): string | undefined {
  const [before, rest] = page.split(`${START}\n`);
  const after = rest?.split(END)[1];
  if (after === undefined) return undefined;
  return `${before}${START}\n\n${block}\n\n${END}${after}`;
}

/** As a command's help lists its own commands. */
function subcommandsIn(help: string, name: string): string[] {
  return [...help.matchAll(new RegExp(`^  privcount ${name} ([a-z]+)`, 'gm'))].map(([, sub]) => sub!);
}

async function helpOf(words: readonly string[]): Promise<string> {
  let help = '';
  await commandLine([]).parseAsync([...words, '--help'], {}, (_error, _argv, output) => {
    help = output;
  });
  return help
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
