import { expect } from 'chai';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Collecting, relayIs, REQUEST, temporaryFolder } from './inject-world.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LINES = Array.from(
  { length: 5000 },
  (_, at) => `PRIVCOUNT_STREAM_ENDED 1 2 ${at} 80 1 2 1.0 2.0 h 192.0.2.1 1`,
);

/** `privcount inject`, as an operator runs it. */
class Command {
  said = '';
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [MAIN, 'inject', ...args]);
    this.process.stderr.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
  }

  /** The port it says it listens on. */
  async port(): Promise<number> {
    for (;;) {
      const port = /listens on port (\d+)/.exec(this.said)?.[1];
      if (port !== undefined) return Number(port);
      if (this.process.exitCode !== null) throw new Error(this.said);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('privcount inject', () => {
  const folder = temporaryFolder();
  let path: string;
  let command: Command;

  beforeEach(() => {
    path = join(folder.path, 'events.txt');
    writeFileSync(path, LINES.map((line) => `${line}\n`).join(''));
  });

  let last: Collecting | undefined;

  afterEach(async () => {
    command.process.kill('SIGKILL');
    await last?.source.close();
    last = undefined;
  });

  async function collecting(changes = {}): Promise<Collecting> {
    const made = new Collecting({ kind: 'tcp', host: '127.0.0.1', port: await command.port() }, changes);
    last = made;
    made.source.count(REQUEST);
    made.source.start();
    return made;
  }

  it('sends a log, asks for its cookie, and ends with 0 when the collector has gone', async () => {
    const cookie = join(folder.path, 'cookie');
    command = new Command('-p', '0', '-i', '127.0.0.1', '-l', path, '--control-cookie-file', cookie);
    const made = await collecting();
    await made.until(() => made.lines.length === LINES.length);
    expect(made.lines).to.deep.equal(LINES);
    expect(statSync(cookie).mode & 0o777).to.equal(0o600);
    await made.source.close();
    expect(await command.ended).to.equal(0);
    expect(command.said).to.contain('all events sent');
    expect(command.said).to.not.contain(readFileSync(cookie).toString('hex'));
    expect(made.faults).to.deep.equal([]);
  });

  it('reads a packed log from standard input, at its own fingerprint, for a password', async () => {
    const password = join(folder.path, 'password');
    writeFileSync(password, 'a long password\n');
    const fingerprint = 'abcdef0123'.repeat(4);
    command = new Command('-p', '0', '-l', '-', '--control-password', password, '--fingerprint', fingerprint);
    command.process.stdin.end(gzipSync(LINES.join('\n')));
    const made = await collecting({ passwordFile: password, checkRelay: relayIs(fingerprint.toUpperCase()) });
    await made.until(() => made.lines.length === LINES.length);
    await made.source.close();
    expect(await command.ended).to.equal(0);
  });

  it('ends with 1 if the collector stops before all events were sent', async () => {
    command = new Command('-p', '0', '-l', path, '--rate', '100');
    const made = await collecting();
    await made.until(() => made.lines.length > 0);
    await made.source.close();
    expect(await command.ended).to.equal(1);
    expect(command.said).to.contain('privcount: the collector stopped before all events were sent');
  });

  it('ends with 1 and the name of a log that is damaged', async () => {
    writeFileSync(path, gzipSync(LINES.join('\n')).subarray(0, 200));
    command = new Command('-p', '0', '-l', path);
    const made = await collecting();
    await made.until(() => made.faults.length > 0);
    await made.source.close();
    expect(await command.ended).to.equal(1);
    expect(command.said).to.contain(`can't read the event log ${path}`);
  });

  it('ends with 0 when it is told to, also while it waits for standard input', async () => {
    command = new Command('-p', '0', '-l', '-', '--stay');
    await command.port();
    command.process.kill('SIGTERM');
    expect(await command.ended).to.equal(0);
  });

  it('ends with 4 if the port is taken', async () => {
    command = new Command('-p', '0', '-l', path);
    const second = new Command('-p', String(await command.port()), '-i', '127.0.0.1', '-l', path);
    expect(await second.ended).to.equal(4);
    expect(second.said).to.match(
      /^privcount: can't listen on 127\.0\.0\.1 port \d+: something else listens there\n$/,
    );
  });

  it('ends with 2 and every fault of the command line', async () => {
    const args = ['-i', 'localhost', '--rate', '0', '-s', '--fingerprint', 'x', '--nickname', 'a b', '-l'];
    command = new Command(
      ...args,
      join(folder.path, 'missing'),
      '--prune-before',
      'soon',
      '--prune-after',
      'x',
    );
    expect(await command.ended).to.equal(2);
    const wanted = [
      '--port or --unix',
      '--ip needs',
      '--ip must',
      '--rate must',
      '--simulate and --rate',
      '--fingerprint must',
    ];
    for (const part of [
      ...wanted,
      '--nickname must',
      '--prune-before must',
      '--prune-after must',
      '(ENOENT)',
    ]) {
      expect(command.said).to.contain(part);
    }
    expect(command.said).to.not.contain('    at ');
  });

  const usage: [title: string, args: string[], wanted: string][] = [
    ['a port that is none', ['-p', '65536'], 'whole number from 0'],
    ['a port that is no number', ['-p', 'x'], 'whole number from 0'],
    ['a folder for a log', ['-p', '0', '-l', '/tmp'], 'is a folder'],
    ['a missing password file', ['-p', '0', '--control-password', '/nowhere'], '8 to 1024 bytes'],
    ['a cookie where a folder is', ['-p', '0', '--control-cookie-file', '/tmp'], 'is there already'],
    ['an option that it does not know', ['-p', '0', '--faster'], 'Unknown argument'],
  ];
  for (const [title, args, wanted] of usage) {
    it(`ends with 2 for ${title}`, async () => {
      command = new Command(...(args.includes('-l') ? [] : ['-l', path]), ...args);
      expect(await command.ended).to.equal(2);
      expect(command.said).to.contain(wanted);
    });
  }
});
