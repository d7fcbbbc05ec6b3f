/** The project's documents, as the tests that keep them true read them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled tests stand one folder deeper than their sources: build/test/doc. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

const TOP = ['README.md', 'INSTALL.md', 'DEPLOY.md', 'SECURITY.md', 'CHANGELOG.md', 'config/README.md'];

export function projectPath(path: string): string {
  return join(root, path);
}

export function readProjectFile(path: string): string {
  return readFileSync(projectPath(path), 'utf8');
}

export function hasProjectFile(path: string): boolean {
  return existsSync(projectPath(path));
}

/** Paths of all documents, from the project's folder on. */
export function documents(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`);
  return [...TOP, ...['doc', 'doc/commands', 'doc/decisions'].flatMap(inFolder)];
}

export type Block = {
  /** What stands in the comment before it, as `config: network`; undefined if there is none. */
  readonly tag: string | undefined;
  readonly language: string;
  readonly text: string;
};

/** The fenced blocks of a document, each with the comment that stands right before it. */
export function blocksOf(path: string): Block[] {
  const pattern = /(?:<!-- ([a-z]+: [^>]*?) -->\n+)?^```([a-z]*)\n([\s\S]*?)^```$/gm;
  return [...readProjectFile(path).matchAll(pattern)].map(([, tag, language, text]) => ({
    tag,
    language: language!,
    text: text!,
  }));
}

/** Of a fenced block that stands with this tag in whatever document. */
type FoundBlock = Block & { readonly path: string };

/** The blocks of all documents whose tag begins so. */
export function blocksTagged(start: string): FoundBlock[] {
  return documents().flatMap((path) =>
    blocksOf(path)
      .filter(({ tag }) => tag?.startsWith(start) === true)
      .map((block) => ({ ...block, path })),
  );
}

/** The block with this tag. Throws if there is none, or more than one. */
export function blockOf(path: string, tag: string): string {
  const found = blocksOf(path).filter((block) => block.tag === tag);
  if (found.length !== 1) throw new Error(`${path} has ${found.length} blocks with the tag ${tag}`);
  return found[0]!.text;
}

/** The rows of the table below a heading, without its head; cells without the ticks of code. */
export function tableBelow(path: string, heading: string): string[][] {
  const lines = readProjectFile(path).split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (at < 0) throw new Error(`${path} has no heading ${heading}`);
  const start = lines.findIndex((line, number) => number > at && line.startsWith('|'));
  const next = lines.findIndex((line, number) => number > at && /^#+ /.test(line));
  if (start < 0 || (next >= 0 && next < start)) throw new Error(`${path} has no table below ${heading}`);
  const end = lines.findIndex((line, number) => number > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}
