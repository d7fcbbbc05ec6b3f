/**
 * A progress bar for long work, on standard error: what goes to standard output stays as it is. Where standard error is no
 * terminal there is none at all: a log full of percentages helps nobody.
 *
 *     const progress = startProgress({ label: 'reading lists', total: files.length });
 *     for (const file of files) { read(file); progress.advance(); }
 *     progress.end();
 */
import { performance } from 'node:perf_hooks';
import { createLogUpdate } from 'log-update';
import { durationOf } from './duration.js';
import { barOf, fitted, type Terminal, terminalOn } from './terminal.js';

export type Progress = {
  /** So much more is done. The bar is drawn from here: work that does not pause is seen too. */
  advance(amount?: number): void;
  /** Takes the bar off the screen, until the next advance: something else is about to be printed. */
  clear(): void;
  /** The bar is gone, and leaves nothing behind. */
  end(): void;
};

export type ProgressOptions = {
  /** What is done, in a few words. */
  readonly label: string;
  /** How much there is to do, in whatever `advance` counts. */
  readonly total: number;
};

type ProgressWorld = { readonly terminal: Terminal | undefined; readonly nowMs: () => number };

/** What is over sooner needs no bar; one that flickers is worse than none. */
const SHOW_AFTER_MS = 500;
/** Faster than this nobody reads. */
const DRAW_MS_MIN = 100;
/** A rest of time that is guessed from less is wrong by more than it is worth. */
const GUESS_AFTER_MS = 2_000;
const BAR_COLUMNS_MAX = 40;
/** Below this there is room for the label and the percentage only. */
const BAR_COLUMNS_MIN = 10;

const NONE: Progress = { advance: () => undefined, clear: () => undefined, end: () => undefined };

export function startProgress(options: ProgressOptions, world: ProgressWorld = standardError()): Progress {
  return world.terminal === undefined ? NONE : drawnProgress(options, world.terminal, world.nowMs);
}

function standardError(): ProgressWorld {
  return { terminal: terminalOn(process.stderr, process.env), nowMs: () => performance.now() };
}

function drawnProgress(options: ProgressOptions, terminal: Terminal, nowMs: () => number): Progress {
  // Its cursor is left alone: a process that is killed would leave the terminal without one.
  const draw = createLogUpdate(terminal.stream as NodeJS.WritableStream, { showCursor: true });
  const startMs = nowMs();
  let drawnAtMs = startMs + SHOW_AFTER_MS - DRAW_MS_MIN;
  let isShown = false;
  let done = 0;
  const clear = (): void => {
    if (isShown) draw.clear();
    isShown = false;
  };
  return {
    advance: (amount = 1) => {
      done += amount;
      const atMs = nowMs();
      if (atMs - drawnAtMs < DRAW_MS_MIN) return;
      drawnAtMs = atMs;
      isShown = true;
      draw(progressLine(options, { done, elapsedMs: atMs - startMs }, terminal.columns()));
    },
    clear,
    end: clear,
  };
}

function progressLine(
  { label, total }: ProgressOptions,
  { done, elapsedMs }: { readonly done: number; readonly elapsedMs: number },
  columns: number,
): string {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  const percent = `${Math.floor(100 * part)} %`.padStart(6);
  const isGuess = part > 0 && part < 1 && elapsedMs >= GUESS_AFTER_MS;
  const rest = isGuess ? `, ${durationOf((elapsedMs * (1 - part)) / part)} left` : '';
  // The last column stays free: some terminals begin a new line when it is written to.
  const room = columns - 1 - percent.length - rest.length - 2;
  const barColumns = Math.min(BAR_COLUMNS_MAX, Math.floor(room / 2));
  if (barColumns < BAR_COLUMNS_MIN) return fitted(`${label}${percent}`, columns - 1);
  return `${fitted(label, room - barColumns)} ${barOf(part, barColumns)}${percent}${rest}`;
}
