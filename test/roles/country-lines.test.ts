/** Lines that wait for a country: their order, what bounds them, and that nothing of them is left. */
import { expect } from 'chai';
import fc from 'fast-check';
import { CountryLines, HELD_LINES_MAX, QUESTIONS_MAX } from '../../src/roles/country-lines.js';

type World = {
  readonly lines: CountryLines;
  readonly events: string[];
  /** Sent and not answered yet. */
  readonly questions: string[];
  unanswered: number;
};

function world(): World {
  const made: World = {
    lines: new CountryLines(7, {
      ask: () => made.questions.push(made.lines.question()),
      onEvent: (bytes, start, end) => made.events.push(Buffer.from(bytes).toString('latin1', start, end)),
      onUnanswered: () => (made.unanswered += 1),
    }),
    events: [],
    questions: [],
    unanswered: 0,
  };
  return made;
}

/** The line lies in the middle of a buffer that is used again. */
function take(made: World, line: string): void {
  const buffer = Buffer.from(`650 ${line}\r\n`, 'latin1');
  made.lines.take(buffer, 4, 4 + line.length);
  buffer.fill(0);
}

const client = (host: number, id = host): string =>
  `ORCONN 10.0.${host >> 8}.${host & 255}:9 CONNECTED ID=${id}`;
const RELAY = `ORCONN $${'A'.repeat(40)}~relay CONNECTED ID=1`;

/** By the last number of the address, as if tor had looked it up; none for some. */
const countryOf = (question: string): string | undefined =>
  ['de', 'us', '??', undefined][Number(question.split('.').at(-1)) % 4];

describe('lines that wait for a country', () => {
  it('keep their order, and each gets the country of its address, however late answers are', () => {
    const step = fc.oneof(
      fc.nat({ max: 6 }).map((host) => client(host)),
      fc.constantFrom(
        RELAY,
        'ORCONN 10.0.0.1:9 CLOSED ID=1',
        'ORCONN 10.0.0.1:9 NEW ID=1',
        'ORCONN bad',
        'answer',
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const made = world();
        const answer = (): void => {
          const question = made.questions.shift();
          if (question !== undefined) made.lines.answer(countryOf(question));
        };
        for (const one of steps) {
          if (one === 'answer') answer();
          else take(made, one);
          expect(made.questions.length).to.be.at.most(QUESTIONS_MAX);
        }
        while (made.questions.length > 0) answer();
        const lines = steps.filter((one) => one !== 'answer');
        expect(made.events).to.deep.equal(
          lines.map((line) => {
            const host = /^ORCONN (10.*):9 CONNECTED/.exec(line)?.[1];
            return host === undefined ? line : `${line} COUNTRY=${countryOf(host) ?? '??'}`;
          }),
        );
      }),
    );
  });

  it('are asked about once while the answer is known, and again when tor could not tell', () => {
    const made = world();
    take(made, client(1));
    expect(made.questions).to.deep.equal(['GETINFO ip-to-country/10.0.0.1']);
    made.lines.answer('us');
    take(made, client(1, 2));
    expect(made.questions).to.have.length(1);
    expect(made.events).to.deep.equal([`${client(1)} COUNTRY=us`, `${client(1, 2)} COUNTRY=us`]);
    take(made, 'ORCONN [2001:db8::1]:443 CONNECTED ID=3');
    expect(made.questions[1]).to.equal('GETINFO ip-to-country/[2001:db8::1]');
    made.lines.answer(undefined);
    expect(made.unanswered).to.equal(1);
    take(made, 'ORCONN 2001:db8::1:443 CONNECTED ID=4');
    expect(made.questions).to.have.length(3);
  });

  it('go on without an answer, the oldest first, when there are too many', () => {
    const made = world();
    for (let host = 0; host < HELD_LINES_MAX; host += 1) take(made, client(host));
    expect(made.events).to.deep.equal([]);
    take(made, RELAY);
    expect(made.events).to.deep.equal([`${client(0)} COUNTRY=??`]);
    // The answer that comes late is that of the first line, and not taken for the second.
    made.lines.answer('de');
    expect(made.events).to.have.length(1);
    made.lines.answer('us');
    expect(made.events[1]).to.equal(`${client(1)} COUNTRY=us`);
    made.lines.flush();
    expect(made.events).to.have.length(HELD_LINES_MAX + 1);
    expect(made.events.at(-1)).to.equal(RELAY);
  });

  it('take no more memory than they may, however long they are', () => {
    const made = world();
    const long = 'x'.repeat(300_000);
    for (let host = 0; host < 4; host += 1) take(made, `${client(host)} ${long}`);
    expect(made.events).to.have.length(1);
    take(made, `${client(9)} ${long.repeat(4)}`);
    expect(made.events).to.have.length(4);
  });

  it('are forgotten when wiped, with all answers', () => {
    const made = world();
    take(made, client(1));
    made.lines.answer('us');
    take(made, client(2));
    made.lines.wipe();
    made.lines.answer('de');
    made.lines.flush();
    expect(made.events).to.have.length(1);
    take(made, client(1));
    expect(made.questions).to.have.length(3);
  });
});
