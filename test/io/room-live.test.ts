import { EventEmitter } from 'node:events';
import { type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { RoomLive, WATCHERS_MAX } from '../../src/io/room-live.js';
import { type RoomState } from '../../src/roles/room-state.js';
import { roomState } from '../support/room-states.js';

/** The end of a connection that takes what it is told to. */
class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  isReading = true;
  isEnded = false;

  write(chunk: string | Uint8Array): boolean {
    this.written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return this.isReading;
  }

  end(): void {
    this.isEnded = true;
    this.emit('close');
  }

  drain(): void {
    this.isReading = true;
    this.emit('drain');
  }
}

const stateOf = (phase: string): RoomState => roomState({ now: { ...roomState().now, phase } });

describe('watching the tally room', () => {
  let shown: RoomState;
  let live: RoomLive;

  beforeEach(() => {
    shown = stateOf('first');
    live = new RoomLive(
      () => shown,
      (error) => {
        throw error;
      },
    );
  });

  afterEach(() => live.close());

  function watch({ isReading = true, isWelcome = () => true } = {}): FakeResponse {
    const response = new FakeResponse();
    response.isReading = isReading;
    live.add(response as unknown as ServerResponse, isWelcome);
    return response;
  }

  async function show(phase: string): Promise<void> {
    const witness = watch();
    shown = stateOf(phase);
    live.note();
    while (witness.written.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    witness.end();
  }

  it('begins with the whole state, and goes on with what changed, together', async () => {
    const response = watch();
    expect(response.written.join('')).to.match(
      /^retry: 2000\nevent: state\ndata: \{.*"phase":"first".*\}\n\n$/,
    );
    for (let at = 0; at < 20; at += 1) live.note();
    await show('second');
    expect(response.written).to.have.length(2);
    expect(response.written[1]).to.match(/^event: changes\ndata: \{"now":\{.*"phase":"second".*\}\}\n\n$/);
  });

  it('sends nothing more to who has not read, and the whole state when he has', async () => {
    const response = watch({ isReading: false });
    await show('second');
    await show('third');
    expect(response.written).to.have.length(1);
    response.drain();
    expect(response.written).to.have.length(2);
    expect(response.written[1]).to.match(/^event: state\n.*"phase":"third"/);
  });

  it('tells who comes between two changes what the others have, so that what changes back is no secret to him', async () => {
    const first = watch();
    await show('second');
    shown = stateOf('for a moment');
    live.note();
    const late = watch();
    expect(late.written.join('')).to.match(/event: state\n.*"phase":"second"/);
    shown = stateOf('second');
    live.note();
    await show('third');
    expect(late.written.at(-1)).to.equal(first.written.at(-1));
    expect(late.written).to.have.length(2);
  });

  it('sends nothing again to who has read all, and has missed nothing', () => {
    const response = watch({ isReading: false });
    response.drain();
    expect(response.written).to.have.length(1);
  });

  it('is full with so many, until one leaves', () => {
    const all = Array.from({ length: WATCHERS_MAX }, () => watch());
    expect(live.isFull).to.equal(true);
    all[0]!.end();
    expect(live.isFull).to.equal(false);
  });

  it('says the last thing when it closes', () => {
    const response = watch();
    shown = stateOf('over');
    live.close();
    expect(response.written[1]).to.include('"phase":"over"');
    expect(response.isEnded).to.equal(true);
  });

  it('tells of a fault in what is shown, and goes on', async () => {
    const faults: unknown[] = [];
    let isBroken = false;
    const read = (): RoomState => {
      if (isBroken) throw new Error('broken');
      return shown;
    };
    const own = new RoomLive(read, (error) => faults.push(error));
    const response = new FakeResponse();
    own.add(response as unknown as ServerResponse, () => true);
    isBroken = true;
    own.note();
    while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    isBroken = false;
    shown = stateOf('mended');
    own.note();
    while (response.written.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(response.written[1]).to.include('mended');
    own.close();
  });
});
