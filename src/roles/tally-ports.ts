/** What the tally's daemon needs of the world. */
import { type Listener } from './channel-ports.js';
import { type Clock, type Log, type RandomBytes } from './ports.js';
import { type PrivacyMemory } from './privacy-memory.js';
import { type ResultFiles } from './results.js';
import { type StatusPorts } from './status-reporter.js';
import { type Store } from './store-port.js';
import { type TallySettings } from './tally-plan.js';

export type TallyPorts = StatusPorts & {
  readonly listener: Listener;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: RandomBytes;
  readonly memory: PrivacyMemory;
  readonly store: Store;
  /** Whole files, in the results folder. Throws with a sentence that names the path if it can't. */
  readonly writeResults: (files: ResultFiles) => void;
  /**
   * The settings of the next round, read again; those of before, with a warning in the log, if there is a fault in what was
   * read.
   */
  readonly readSettings: () => TallySettings;
};
