import { expect } from 'chai';
import { startInjector, type Injector, type InjectorOptions } from '../../src/roles/injector.js';
import { endTimeOf, movedTo } from '../../src/roles/injector-times.js';
import { LINE_BYTES_MAX } from '../../src/tor/control/line-splitter.js';
import { FakeEventLog, FakeListener, type FakeClient, settled } from './injector-fakes.js';
import { FakeClock, FakeLog, randomBytes } from './tor-source-fakes.js';

const STREAM = 'PRIVCOUNT_STREAM_ENDED';
const CLOSE = 'PRIVCOUNT_CONNECTION_CLOSE';

/** A stream that lasted a second. */
const stream = (id: number, endS: number): string =>
  `${STREAM} 1 2 ${id} 80 10 20 ${endS - 1}.000000 ${endS}.000000 host 192.0.2.1 1`;
const connection = (endS: number): string =>
  `${CLOSE} EventTimestamp=${endS}.000000 CreatedTimestamp=${endS - 5}.250000 X=1`;

type World = {
  readonly injector: Injector;
  readonly listener: FakeListener;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly events: FakeEventLog;
  outcome: boolean | Error | undefined;
};

async function world(chunks: (string | Error)[], changes: Partial<InjectorOptions> = {}): Promise<World> {
  const listener = new FakeListener();
  const clock = new FakeClock();
  const log = new FakeLog();
  const events = new FakeEventLog(...chunks);
  const options: InjectorOptions = {
    addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 0 }],
    events,
    authentication: {},
    fingerprint: 'A'.repeat(40),
    nickname: 'relay',
    stay: false,
    pace: { kind: 'full-speed' },
    pruneBeforeS: 0,
    pruneAfterS: Infinity,
    rewriteTimes: false,
    ...changes,
  };
  const injector = await startInjector(options, { listener, clock, log, randomBytes });
  const made: World = { injector, listener, clock, log, events, outcome: undefined };
  injector.done.then(
    (hasSentAll) => (made.outcome = hasSentAll),
    (error: unknown) => (made.outcome = error as Error),
  );
  return made;
}

/** A client that asks for these events. */
async function subscribe({ listener }: World, ...events: string[]): Promise<FakeClient> {
  const client = listener.connect().say('AUTHENTICATE', `SETEVENTS ${events.join(' ')}`);
  await settled();
  return client;
}

const marked = (...lines: string[]): string[] => lines.map((line) => `650 ${line}`);

describe('injector', () => {
  it('sends what is asked for, however the log is cut, with or without marks and line ends', async () => {
    const made = await world([
      `${stream(1, 10)}\n650 ${stream(2, 11)}\r\n${connection(12)}\n${stream(3, 13).slice(0, 30)}`,
      `${stream(3, 13).slice(30)}\n\n`,
      `PRIVCOUNT_NEW 1\n${stream(4, 14)}`,
    ]);
    const client = await subscribe(made, STREAM);
    expect(client.events).to.deep.equal(marked(stream(1, 10), stream(2, 11), stream(3, 13), stream(4, 14)));
    expect(made.log.lines).to.deep.equal([
      'warn: the event log has lines that are no events which are counted; they are left out',
      'info: all events sent',
    ]);
  });

  it('sends nothing before it is asked, and reads at most one chunk more than it can send', async () => {
    const made = await world([`${stream(1, 10)}\n`, `${stream(2, 11)}\n`, `${stream(3, 12)}\n`]);
    const client = made.listener.connect().say('AUTHENTICATE', 'SETEVENTS');
    await settled();
    expect(made.events.asked).to.equal(0);
    client.isReading = false;
    client.say(`SETEVENTS ${STREAM}`);
    await settled();
    expect(client.events).to.have.length(1);
    expect(made.events.asked).to.equal(2);
    client.read();
    await settled();
    expect(client.events).to.have.length(3);
  });

  it('sends nothing while PrivCount is off', async () => {
    const made = await world([`${stream(1, 10)}\n`]);
    const client = made.listener
      .connect()
      .say('AUTHENTICATE', 'SETCONF EnablePrivCount=0', `SETEVENTS ${STREAM}`);
    await settled();
    expect(client.events).to.deep.equal([]);
    client.say('SETCONF EnablePrivCount=1');
    await settled();
    expect(client.events).to.have.length(1);
  });

  it('keeps the connection until the collector stops, then ends as complete', async () => {
    const made = await world([`${stream(1, 10)}\n`]);
    const client = await subscribe(made, STREAM);
    made.clock.advance(1e9);
    await settled();
    expect(client.isOpen).to.equal(true);
    expect(made.outcome).to.equal(undefined);
    client.say('SETEVENTS', 'SET_TMODEL FALSE');
    made.clock.advance(999);
    expect(client.isOpen).to.equal(true);
    made.clock.advance(1);
    await settled();
    expect(client.isOpen).to.equal(false);
    expect(client.received).to.match(/250 OK\r\n$/);
    expect(made.listener.isOpen).to.equal(false);
    expect(made.outcome).to.equal(true);
  });

  it('ends as complete when the collector quits or is lost after all was sent', async () => {
    for (const leave of [(client: FakeClient) => client.say('QUIT'), (client: FakeClient) => client.drop()]) {
      const made = await world([`${stream(1, 10)}\n`]);
      leave(await subscribe(made, STREAM));
      await settled();
      made.clock.advance(1000);
      await settled();
      expect(made.outcome).to.equal(true);
    }
  });

  it('ends as not complete when the collector stops before', async () => {
    const made = await world([`${stream(1, 10)}\n`, `${stream(2, 11)}\n`]);
    const client = made.listener.connect().say('AUTHENTICATE');
    client.isReading = false;
    client.say(`SETEVENTS ${STREAM}`);
    await settled();
    client.say('SETEVENTS');
    made.clock.advance(1000);
    await settled();
    expect(made.outcome).to.equal(false);
  });

  it('goes on where it was if the collector comes back, or starts again with other events', async () => {
    const made = await world([`${stream(1, 10)}\n`, `${stream(2, 11)}\n${connection(12)}\n`]);
    const first = made.listener.connect().say('AUTHENTICATE');
    first.isReading = false;
    first.say(`SETEVENTS ${STREAM}`);
    await settled();
    first.drop();
    made.clock.advance(100_000);
    await settled();
    expect(made.outcome).to.equal(undefined);
    const second = await subscribe(made, STREAM, CLOSE);
    expect(first.events).to.deep.equal(marked(stream(1, 10)));
    expect(second.events).to.deep.equal(marked(stream(2, 11), connection(12)));
    second.say('SETEVENTS', `SETEVENTS ${CLOSE}`);
    made.clock.advance(100_000);
    await settled();
    expect(second.isOpen).to.equal(true);
  });

  it('serves the first collector and warns of a second, who gets what is left when the first goes', async () => {
    const made = await world([`${stream(1, 10)}\n`, `${stream(2, 11)}\n`]);
    const first = made.listener.connect().say('AUTHENTICATE');
    first.isReading = false;
    first.say(`SETEVENTS ${STREAM}`);
    const second = await subscribe(made, STREAM);
    expect(second.events).to.deep.equal([]);
    expect(made.log.lines).to.have.length(1);
    first.drop();
    await settled();
    expect(second.events).to.deep.equal(marked(stream(2, 11)));
  });

  it('stays if told to, until it is closed', async () => {
    const made = await world([`${stream(1, 10)}\n`], { stay: true });
    const client = await subscribe(made, STREAM);
    client.say('QUIT');
    made.clock.advance(1e9);
    await settled();
    expect(made.outcome).to.equal(undefined);
    expect(made.listener.isOpen).to.equal(true);
    made.injector.close();
    await settled();
    expect(made.outcome).to.equal(true);
  });

  it('can be closed before anybody came, and while it sends', async () => {
    const idle = await world([`${stream(1, 10)}\n`]);
    idle.injector.close();
    await settled();
    expect(idle.outcome).to.equal(false);
    const made = await world([`${stream(1, 10)}\n`, `${stream(2, 11)}\n`]);
    const client = made.listener.connect().say('AUTHENTICATE');
    client.isReading = false;
    client.say(`SETEVENTS ${STREAM}`);
    await settled();
    made.injector.close();
    await settled();
    expect(made.outcome).to.equal(false);
    expect(client.isOpen).to.equal(false);
  });

  it('ends with the reason if the log cannot be read or has a line over the limit', async () => {
    for (const chunk of [new Error('no such file'), 'x'.repeat(LINE_BYTES_MAX + 1)]) {
      const made = await world([`${stream(1, 10)}\n`, chunk]);
      const client = await subscribe(made, STREAM);
      expect(made.outcome).to.be.instanceOf(Error);
      expect(client.isOpen).to.equal(false);
    }
  });

  it('answers a command over the limit by closing', async () => {
    const made = await world([`${stream(1, 10)}\n`]);
    const client = made.listener.connect().say(`AUTHENTICATE ${'x'.repeat(2_000_000)}`);
    await settled();
    expect(client.isOpen).to.equal(false);
    expect((await subscribe(made, STREAM)).events).to.have.length(1);
  });
});

describe('injector: pace', () => {
  it('pauses by the differences of end times', async () => {
    const lines = [stream(1, 100), stream(2, 102), stream(3, 101), connection(110), stream(4, 103)];
    const made = await world([lines.join('\n')], { pace: { kind: 'simulate' } });
    const client = await subscribe(made, STREAM);
    const seen: number[] = [];
    for (const advanceMs of [0, 1999, 1, 0, 999, 1]) {
      made.clock.advance(advanceMs);
      await settled();
      seen.push(client.events.length);
    }
    expect(seen).to.deep.equal([1, 1, 3, 3, 3, 4]);
  });

  it('sends so many events a second, and makes up for late timers only a little', async () => {
    const lines = Array.from({ length: 100 }, (_, at) => stream(at, 100));
    const made = await world([lines.join('\n')], { pace: { kind: 'rate', eventsPerSecond: 10 } });
    const client = await subscribe(made, STREAM);
    expect(client.events).to.have.length(1);
    made.clock.advance(100);
    await settled();
    expect(client.events).to.have.length(2);
    // One timer that is a second late: three events are due at once, not ten.
    made.clock.advance(1000);
    await settled();
    expect(client.events).to.have.length(5);
  });

  it('reckons anew when a collector comes', async () => {
    const made = await world([[stream(1, 100), stream(2, 200)].join('\n')], { pace: { kind: 'simulate' } });
    const first = await subscribe(made, STREAM);
    made.clock.advance(1000);
    first.drop();
    made.clock.advance(1e6);
    await settled();
    const second = await subscribe(made, STREAM);
    expect(second.events).to.deep.equal(marked(stream(2, 200)));
  });

  it('can be closed in a pause', async () => {
    const made = await world([[stream(1, 100), stream(2, 200)].join('\n')], { pace: { kind: 'simulate' } });
    const client = await subscribe(made, STREAM);
    made.injector.close();
    await settled();
    expect(made.outcome).to.equal(false);
    expect(client.events).to.have.length(1);
    expect(made.clock.waits()).to.deep.equal([]);
  });

  it('leaves out what ended before or after, and nothing whose time it cannot read', async () => {
    const untimed = `${STREAM} 1 2 3`;
    const lines = [stream(1, 9), stream(2, 10), untimed, stream(3, 20), stream(4, 21)];
    const made = await world([lines.join('\n')], { pruneBeforeS: 10, pruneAfterS: 20 });
    const client = await subscribe(made, STREAM);
    expect(client.events).to.deep.equal(marked(stream(2, 10), untimed, stream(3, 20)));
  });

  it('moves events to the time they are sent at, if told to', async () => {
    const made = await world([[stream(1, 100), connection(200)].join('\n')], { rewriteTimes: true });
    const client = await subscribe(made, STREAM, CLOSE);
    expect(client.events).to.deep.equal(
      [
        `650 ${STREAM} 1 2 1 80 10 20 1599999999.000000 1600000000.000000 host 192.0.2.1 1`,
        `650 ${CLOSE} EventTimestamp=1600000000.000000 CreatedTimestamp=1599999994.750000 X=1`,
      ].map((line) => line.replace('1599999994.750000', '1599999995.250000')),
    );
  });
});

describe('times of event lines', () => {
  it('are found in every form', () => {
    expect(
      endTimeOf(
        'PRIVCOUNT_CIRCUIT_ENDED 10 3 3 2 0 0 1.5 2.5 127.0.0.1 1 127.0.0.1 0',
        'PRIVCOUNT_CIRCUIT_ENDED',
      ),
    ).to.equal(2.5);
    expect(
      endTimeOf('PRIVCOUNT_CONNECTION_ENDED 10 1.5 2.5 127.0.0.1 1', 'PRIVCOUNT_CONNECTION_ENDED'),
    ).to.equal(2.5);
    expect(
      endTimeOf('PRIVCOUNT_STREAM_BYTES_TRANSFERRED 2 25 5 1 92 7.25', 'PRIVCOUNT_STREAM_BYTES_TRANSFERRED'),
    ).to.equal(7.25);
    expect(endTimeOf('PRIVCOUNT_DNS_RESOLVED 2 25 5 host 7', 'PRIVCOUNT_DNS_RESOLVED')).to.equal(7);
    expect(endTimeOf(connection(9), CLOSE)).to.equal(9);
  });

  it('are undefined where a line has none or a wrong one', () => {
    for (const line of [
      STREAM,
      `${STREAM} 1 2 3 4 5 6 7 x`,
      `${STREAM} 1 2 3 4 5 6 7 nan`,
      `${STREAM} 1 2 3 4 5 6 7 -1`,
    ]) {
      expect(endTimeOf(line, STREAM)).to.equal(undefined);
      expect(movedTo(5, line, STREAM)).to.equal(line);
    }
    expect(endTimeOf(`${CLOSE} X=1`, CLOSE)).to.equal(undefined);
  });

  it('move the end alone where there is no start', () => {
    expect(
      movedTo(5, 'PRIVCOUNT_STREAM_BYTES_TRANSFERRED 2 25 5 1 92 7.25', 'PRIVCOUNT_STREAM_BYTES_TRANSFERRED'),
    ).to.equal('PRIVCOUNT_STREAM_BYTES_TRANSFERRED 2 25 5 1 92 5.000000');
    expect(movedTo(5, `${CLOSE} EventTimestamp=7 X=1`, CLOSE)).to.equal(
      `${CLOSE} EventTimestamp=5.000000 X=1`,
    );
  });
});
