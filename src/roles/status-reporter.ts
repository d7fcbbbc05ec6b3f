/** Keeps the file that `privcount status` reads up to date: soon after a change, and now and then without one. */
import { Alarm } from './alarm.js';
import { type Clock, type Log } from './ports.js';
import { type Status } from './status-board.js';

/** Where the status goes. Throws if the machine does not take it. */
export type StatusWriter = { write(status: Status): void };

/** How a role shows what it does: `make` says what is so now. */
export type StatusPorts = {
  readonly openStatus: (make: () => Status) => StatusNotes;
  /** How far the machine's wall clock is ahead of the node's by now. */
  readonly wallOffsetMs: () => number;
};

export type StatusNotes = {
  /** Something of what is shown has changed; also called when the node starts. */
  note(): void;
  close(): void;
};

/** Phases follow each other within milliseconds; a person looks once a second. */
const WRITE_MS_MIN = 1_000;
/** Heartbeats come as often. A file that is older than a few of these is one of a node that does not run. */
export const STATUS_PERIOD_MS = 15_000;

export class StatusReporter implements StatusNotes {
  readonly #ports: { readonly clock: Clock; readonly log: Log; readonly status: StatusWriter };
  readonly #make: () => Status;
  readonly #alarm: Alarm;
  #writtenAtMs = -Infinity;
  #hasFailed = false;
  #isClosed = false;

  constructor(ports: { clock: Clock; log: Log; status: StatusWriter }, make: () => Status) {
    this.#ports = ports;
    this.#make = make;
    this.#alarm = new Alarm(ports.clock, () => this.#write());
  }

  /** Peers may come and go until the last connection is closed: what they note then would keep the process for ever. */
  note(): void {
    if (this.#isClosed) return;
    this.#alarm.set(Math.max(this.#ports.clock.nowMs(), this.#writtenAtMs + WRITE_MS_MIN));
  }

  /** What stays in the file is how the node ended. */
  close(): void {
    this.#write();
    this.#alarm.set(undefined);
    this.#isClosed = true;
  }

  /** A status that can't be written stops nothing. */
  #write(): void {
    const { clock, log, status } = this.#ports;
    this.#writtenAtMs = clock.nowMs();
    try {
      status.write(this.#make());
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed)
        log.warn(`the status can't be written: ${error instanceof Error ? error.message : 'unknown'}`);
      this.#hasFailed = true;
    }
    this.#alarm.set(this.#writtenAtMs + STATUS_PERIOD_MS);
  }
}
