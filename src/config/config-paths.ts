/**
 * Paths in a config file are relative to its own folder, and `~` is the home directory. PrivCount took the process's
 * working directory instead, so that a file meant another one in each shell; whoever starts a node in the folder of its
 * config sees no difference.
 */
import { type z } from 'zod';
import { text } from './fields.js';

export type PathContext = {
  /** Path of the config file. */
  readonly file: string;
  /** The home directory, for `~`. */
  readonly home: string;
};

/** The path of a file or folder, made usable from anywhere the config file's own path is. */
export function pathField(context: PathContext): z.ZodType<string> {
  return text(/^\P{Cc}+$/u, 'a path').transform((path) => resolvePath(path, context));
}

export function resolvePath(path: string, { file, home }: PathContext): string {
  if (path === '~') return home;
  if (path === '.') return folderOf(file);
  if (path.startsWith('~/')) return `${home}/${path.slice(2)}`;
  if (path.startsWith('/')) return path;
  const folder = folderOf(file);
  return folder === '.' ? path : `${folder === '/' ? '' : folder}/${path}`;
}

function folderOf(file: string): string {
  const end = file.lastIndexOf('/');
  if (end < 0) return '.';
  return end === 0 ? '/' : file.slice(0, end);
}
