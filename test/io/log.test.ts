import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLog, type LogOptions } from '../../src/io/log.js';

/** PrivCount's line, with the zone added to the local time. */
const LINE =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)([+-]\d{4}) (\d+\.\d{6}) \[privcount-test\] \[(DEBUG|INFO|WARN|ERROR)\] (.*)$/;

describe('the log', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'privcount-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The lines that these messages make. */
  async function linesOf(
    messages: readonly string[],
    level: LogOptions['level'] = 'debug',
  ): Promise<string[]> {
    const path = join(folder, 'logs', 'test.log');
    const log = createLog({ path, name: 'privcount-test', level });
    for (const message of messages) {
      log.debug(message);
      log.info(message);
      log.warn(message);
      log.error(message);
    }
    await log.close();
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  }

  it('writes each message as a line with level, name, local time, zone and seconds since 1970', async () => {
    const before = Date.now() / 1000;
    const lines = await linesOf(['what happened']);
    const after = Date.now() / 1000;
    expect(lines).to.have.lengthOf(4);
    expect(lines.map((line) => LINE.exec(line)?.slice(9))).to.deep.equal([
      ['DEBUG', 'what happened'],
      ['INFO', 'what happened'],
      ['WARN', 'what happened'],
      ['ERROR', 'what happened'],
    ]);
    const [, year, month, day, hour, minute, second, zone, seconds] = LINE.exec(lines[0]!)!;
    expect(Number(seconds)).to.be.within(before - 1, after + 1);
    const iso = `${year!}-${month!}-${day!}T${hour!}:${minute!}:${second!}${zone!.slice(0, 3)}:${zone!.slice(3)}`;
    expect(Date.parse(iso) / 1000, 'both times are the same').to.be.within(
      Number(seconds) - 2,
      Number(seconds) + 1,
    );
  });

  it('leaves out what is below its level', async () => {
    const levelsOf = (lines: string[]) => lines.map((line) => LINE.exec(line)![9]);
    expect(levelsOf(await linesOf(['x'], 'info'))).to.deep.equal(['INFO', 'WARN', 'ERROR']);
    rmSync(join(folder, 'logs'), { recursive: true });
    expect(levelsOf(await linesOf(['x'], 'warn'))).to.deep.equal(['WARN', 'ERROR']);
  });

  it('makes one line of what a peer may have said, whatever is in it', async () => {
    const nasty =
      'before\n2026-01-01 00:00:00+0000 1.000000 [privcount-ts] [INFO] forged\r\u001b[2J\u0085\u2028\u2029\u0000after';
    const lines = await linesOf([nasty]);
    expect(lines).to.have.lengthOf(4);
    for (const line of lines) {
      expect(line).to.match(LINE);
      expect(line).to.not.match(/[\p{Cc}\u2028\u2029]/u);
      expect(line).to.include('before 2026').and.to.include('after');
    }
  });

  it('goes on in a file that is there already', async () => {
    mkdirSync(join(folder, 'logs'));
    await linesOf(['first']);
    expect(await linesOf(['second'])).to.have.lengthOf(8);
  });

  it('writes to a new file of its name after that was moved away and the log opened anew, and loses nothing', async () => {
    const path = join(folder, 'test.log');
    const log = createLog({ path, name: 'privcount-test', level: 'info' });
    const said = (file: string) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => LINE.exec(line)![10]);
    const COUNT = 500;
    for (let line = 0; line < COUNT; line += 1) log.info(`before ${line}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    renameSync(path, `${path}.1`);
    log.reopen();
    for (let line = 0; line < COUNT; line += 1) log.info(`after ${line}`);
    await log.close();
    const numbers = Array.from({ length: COUNT }, (_, at) => at);
    expect(said(path)).to.deep.equal(numbers.map((at) => `after ${at}`));
    expect(said(`${path}.1`)).to.deep.equal(numbers.map((at) => `before ${at}`));
  });
});
