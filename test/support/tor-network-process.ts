/** One tor of a private network as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOR_ENVIRONMENT } from './tor-network-present.js';
import { type TorNode } from './tor-network-torrc.js';

/** Tor ends at SIGTERM in tens of milliseconds; a loaded machine runs it late. */
const STOP_MS_MAX = 10_000;

export class TorProcess {
  readonly node: TorNode;
  readonly #emptyFile: string;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(node: TorNode, emptyFile: string) {
    this.node = node;
    this.#emptyFile = emptyFile;
  }

  /** With torrc of its folder. What it says before it has a log is in the folder as well. */
  start(): void {
    const said = openSync(join(this.node.folder, 'output.log'), 'a');
    const args = ['--quiet', '--defaults-torrc', this.#emptyFile, '-f', join(this.node.folder, 'torrc')];
    const child = spawn('tor', args, { env: TOR_ENVIRONMENT, stdio: ['ignore', said, said] });
    closeSync(said);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    });
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Its log from its first start on. */
  log(): string {
    const file = join(this.node.folder, 'notice.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** The end of all that it said, for whoever looks into a failure. */
  lastWords(): string {
    const output = join(this.node.folder, 'output.log');
    const said = (existsSync(output) ? readFileSync(output, 'utf8') : '') + this.log();
    return said.split('\n').slice(-8).join('\n');
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** Kills it if it does not go by itself. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS_MAX);
    await this.#ended;
    clearTimeout(timer);
  }

  /** For the end of our own process, which waits for nothing. */
  killNow(): void {
    if (this.isRunning) this.#child?.kill('SIGKILL');
  }
}
