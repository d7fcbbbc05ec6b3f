/** `privcount counters`, and the page of the catalogue in doc/. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import yargs from 'yargs';

import { counters } from '../../src/cli/commands/counters.js';
import { withCountersPage } from '../../src/cli/counters-page.js';
import { OperatorError } from '../../src/cli/operator-error.js';

/** What the command prints; the error that it throws, if it does. */
function run(...words: string[]): string {
  const write = process.stdout.write.bind(process.stdout);
  let printed = '';
  process.stdout.write = ((text: string) => (printed += text)) as unknown as typeof process.stdout.write;
  try {
    void yargs(['counters', ...words])
      .command(counters)
      .strict()
      .exitProcess(false)
      .fail((message, error: Error | undefined) => {
        throw error ?? new Error(message);
      })
      .parse();
  } finally {
    process.stdout.write = write;
  }
  return printed;
}

const names = (...words: string[]): string[] =>
  run('--names', ...words)
    .split('\n')
    .slice(0, -1);

describe('privcount counters', () => {
  it('lists every counter with its meaning, bins, unit and events', () => {
    expect(names()).to.have.lengthOf(5326 + 16 + 15 + 140);
    expect(run('--match', '^ExitCircuitWebStreamHistogram$')).to.equal(
      'ExitCircuitWebStreamHistogram\n' +
        '    Streams per circuit, over closed exit circuits with streams: to ports 80 and 443.\n' +
        '    histogram, in streams; needs PRIVCOUNT_CIRCUIT_CLOSE and PRIVCOUNT_STREAM_ENDED\n\n1 counters\n',
    );
    expect(run('--match', '^ZeroCount$')).to.include('needs no event');
    expect(run('--match', '^MetricsStreamBeginCount$')).to.equal(
      'MetricsStreamBeginCount\n' +
        '    Number of streams that clients asked this relay for: to servers and onion services.\n' +
        "    plain count, in streams; needs the relay's metrics page\n" +
        '    sensitivity, as advice: 30000, for 30000 streams\n\n1 counters\n',
    );
  });

  it('lists those of one event, or that an expression finds, or both', () => {
    expect(names('--event', 'CONNECTION_CLOSE')).to.have.lengthOf(366);
    expect(names('--event', 'PRIVCOUNT_CONNECTION_CLOSE')).to.have.lengthOf(366);
    expect(names('--event', 'BW')).to.have.lengthOf(6);
    expect(names('--event', 'DNS_RESOLVED')).to.deep.equal([]);
    expect(names('-e', 'STREAM_ENDED', '-m', 'CircuitCount')).to.have.lengthOf(4);
  });

  it('refuses an expression or an event that is none', () => {
    expect(() => run('--match', '(')).to.throw(OperatorError, '--match must be a regular expression');
    expect(() => run('--event', 'NONE')).to.throw('NONE');
    expect(() => run('--page', 'package.json')).to.throw(OperatorError, 'package.json has no marks');
  });
});

describe('doc/counters.md', () => {
  it('has the catalogue as it is', () => {
    const page = readFileSync('doc/counters.md', 'utf8');
    expect(withCountersPage(page) === page, 'run privcount counters --page doc/counters.md').to.equal(true);
  });
});
