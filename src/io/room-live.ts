/**
 * Who watches the tally room: server-sent events (html.spec.whatwg.org, "Server-sent events"). A watcher gets the whole state
 * first, then what changed, at most once a second; whoever reads too slowly gets the whole state again when he has read what
 * there was, so that nothing queues up.
 */
import { type ServerResponse } from 'node:http';
import { type RoomState } from '../roles/room-state.js';
import { roomChanges } from '../roles/room-changes.js';

/** Pages left open, of the few who run a network. */
export const WATCHERS_MAX = 64;
const CHANGES_MS_MIN = 1_000;
/** A page that hears nothing for three of these says so. */
const BEAT_MS = 10_000;

type Watcher = {
  readonly response: ServerResponse;
  readonly isWelcome: () => boolean;
  /** He has not read all that was sent; `missed` if there was more for him meanwhile. */
  backlog: 'none' | 'unread' | 'missed';
};

export class RoomLive {
  readonly #read: () => RoomState;
  readonly #onFault: (error: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  readonly #beat: NodeJS.Timeout;
  #sent: RoomState | undefined;
  #sentAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** Whatever fails in `read` goes to `onFault`: nobody else is there to catch it, and the tally has a round to run. */
  constructor(read: () => RoomState, onFault: (error: unknown) => void) {
    this.#read = read;
    this.#onFault = onFault;
    this.#beat = setInterval(() => this.#safely(() => this.#sendBeat()), BEAT_MS).unref();
  }

  get isFull(): boolean {
    return this.#watchers.size >= WATCHERS_MAX;
  }

  /** The headers are written. `isWelcome` is asked again now and then: a session ends. */
  add(response: ServerResponse, isWelcome: () => boolean): void {
    const state = this.#wholeState();
    const watcher: Watcher = { response, isWelcome, backlog: 'none' };
    this.#watchers.add(watcher);
    response.once('close', () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#sent = undefined;
    });
    response.on('drain', () => {
      const hasMissed = watcher.backlog === 'missed';
      watcher.backlog = 'none';
      if (hasMissed) this.#safely(() => send(watcher, event('state', this.#wholeState())));
    });
    send(watcher, `retry: 2000\n${event('state', state)}`);
  }

  /** Something may have changed. */
  note(): void {
    if (this.#watchers.size === 0 || this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#sentAtMs + CHANGES_MS_MIN - performance.now());
    this.#timer = setTimeout(() => this.#safely(() => this.#sendChanges()), waitMs).unref();
  }

  /** Sends what is new at once, for the last time. */
  close(): void {
    if (this.#watchers.size > 0) this.#safely(() => this.#sendChanges());
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    for (const { response } of this.#watchers) response.end();
  }

  /** What all others have: changes are made from that, and would leave out what has changed and changed back meanwhile. */
  #wholeState(): RoomState {
    const young = this.#read();
    const { now } = (this.#sent ??= young);
    return { ...this.#sent, now: { ...now, atMs: young.now.atMs } };
  }

  #safely(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #sendChanges(): void {
    this.#timer = undefined;
    this.#sentAtMs = performance.now();
    if (this.#sent === undefined) return;
    const state = this.#read();
    const changes = roomChanges(this.#sent, state);
    if (changes === undefined) return;
    this.#sent = state;
    this.#sendAll(event('changes', changes));
  }

  #sendBeat(): void {
    for (const { response, isWelcome } of this.#watchers) if (!isWelcome()) response.end();
    if (this.#watchers.size > 0) this.#sendAll(event('beat', { atMs: this.#read().now.atMs }));
  }

  #sendAll(text: string): void {
    const bytes = Buffer.from(text);
    for (const watcher of this.#watchers) {
      if (watcher.backlog === 'none') send(watcher, bytes);
      else watcher.backlog = 'missed';
    }
  }
}

function send(watcher: Watcher, text: string | Uint8Array): void {
  if (!watcher.response.write(text)) watcher.backlog = 'unread';
}

function event(name: 'state' | 'changes' | 'beat', data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
