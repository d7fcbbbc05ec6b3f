/** The tally room as the tally's daemon runs it: from config.yaml to a server that shows what the tally writes and says. */
import { fileURLToPath } from 'node:url';
import { type RoomConfig } from '../config/room-fields.js';
import { systemClock } from '../io/clock.js';
import { type Assets, readAssets } from '../io/room-assets.js';
import { RoomDesk } from '../io/room-desk.js';
import { RoomServer } from '../io/room-server.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import { type Log } from '../roles/ports.js';
import { type PrivacyMemory } from '../roles/privacy-memory.js';
import { RoomBoard } from '../roles/room-board.js';
import { type RoomAbout, type RoomPast } from '../roles/room-state.js';
import { type Status } from '../roles/status-board.js';
import { EXIT } from './exit-codes.js';
import { refusedListening } from './listen-errors.js';
import { OperatorError } from './operator-error.js';
import { type RoomKeys } from './room-keys.js';
import { softwareVersion } from './software.js';

const PAGE_FOLDER = fileURLToPath(new URL('../../page', import.meta.url));
/** The last round's results are to be seen before the tally ends; whoever waits for its end does not wait long. */
const LAST_LOOK_MS_MAX = 2_000;

export type RoomSubject = {
  readonly room: RoomConfig;
  readonly keys: RoomKeys;
  readonly resultsFolder: string;
  readonly isNoiseOff: boolean;
  readonly known: KnownNetwork;
  readonly memory: PrivacyMemory;
  readonly log: Log;
};

export class TallyRoom {
  readonly #subject: RoomSubject;
  readonly #board: RoomBoard;
  readonly #desk = new RoomDesk();
  #server: RoomServer | undefined;
  #reading: Promise<void> | undefined;
  #isStale = false;
  #isClosed = false;

  constructor(subject: RoomSubject) {
    const { known, memory } = subject;
    this.#subject = subject;
    this.#board = new RoomBoard(aboutOf(subject), {
      clock: systemClock,
      budget: known.network.privacy.budget,
      readLedger: () => memory.history.ledger,
    });
  }

  /** Throws OperatorError if the port can't be listened at, or the page is missing from the installation. */
  async open(): Promise<void> {
    const { room, keys, resultsFolder, log } = this.#subject;
    const { listenHost: host, listenPort: port, hosts } = room;
    const server = new RoomServer({
      at: { host, port },
      hosts,
      ...keys,
      assets: await readPage(),
      resultsFolder,
      readState: () => this.#board.state(),
      desk: this.#desk,
      clock: systemClock,
      log,
    });
    await server.listen().catch((error: unknown) => {
      throw refusedListening(error, 'tally_server.room');
    });
    this.#server = server;
    const shown = host.includes(':') ? `[${host}]` : host;
    log.info(`the tally room is at ${keys.tls === undefined ? 'http' : 'https'}://${shown}:${port}/`);
    this.#readPast();
  }

  /** Whatever the tally says of itself is shown, too. */
  watch(make: () => Status): () => Status {
    return () => {
      const status = make();
      this.#show(status);
      return status;
    };
  }

  /** A fault of the room is none of the tally's. */
  #show(status: Status): void {
    try {
      if (this.#board.show(status)) this.#readPast();
      this.#server?.note();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#subject.log.warn(`the tally room can't show the status: ${reason}`);
    }
  }

  /** The tally's rounds are over. Resolves when it may end: never, if the room is to stay. */
  async end(): Promise<void> {
    this.#board.end();
    this.#readPast();
    const timeUp = new Promise((resolve) => setTimeout(resolve, LAST_LOOK_MS_MAX).unref());
    await Promise.race([this.#reading, timeUp]);
    this.#server?.note();
    if (!this.#subject.room.stays) return this.close();
    this.#subject.log.info('all rounds are over; the tally room stays until the tally is told to stop');
    return new Promise(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#server?.close(), this.#desk.close()]);
  }

  /** Lists the results anew; once more if that was asked for while it was done. */
  #readPast(): void {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale().finally(() => (this.#reading = undefined));
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const answer = await this.#desk.ask({ kind: 'past', folder: this.#subject.resultsFolder });
      if (answer.kind === 'text') {
        this.#board.showPast(JSON.parse(answer.text) as RoomPast);
        this.#server?.note();
      } else if ('problem' in answer && !this.#isClosed) {
        this.#subject.log.warn(`the tally room can't list the results: ${answer.problem}`);
      }
    }
  }
}

async function readPage(): Promise<Assets> {
  try {
    return await readAssets(PAGE_FOLDER);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const text = `the tally room has no page, the installation is not complete: ${reason}`;
    throw new OperatorError(text, EXIT.failure, { cause: error });
  }
}

function aboutOf({ known, isNoiseOff }: RoomSubject): RoomAbout {
  const { network, id, isTest } = known;
  return {
    network: network.name,
    networkId: id,
    software: `privcount ${softwareVersion()}`,
    startedAtMs: systemClock.nowMs(),
    isTest,
    isNoiseOff,
    keepers: network.keepers.length,
    threshold: network.threshold,
    collectors: network.collectors.length,
    minCollectors: network.minCollectors,
  };
}
