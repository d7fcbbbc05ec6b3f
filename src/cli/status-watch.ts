/**
 * `privcount status --watch`: looks at the status again and again. On a terminal the page is drawn again in its place; elsewhere
 * a line is printed when something has changed.
 */
import { createLogUpdate } from 'log-update';
import { frameOf, type WatchedNode } from './status-frame.js';
import { statusLine } from './status-line.js';
import { type OutputStream, type Terminal } from './terminal.js';

export type WatchWorld = {
  /** What is in the state folders now. */
  readonly read: () => readonly WatchedNode[];
  readonly stream: OutputStream;
  /** Undefined if the stream is none that can be drawn on. */
  readonly terminal: Terminal | undefined;
  readonly nowMs: () => number;
};

export type Watch = {
  /** Looks, and shows what it sees; called each second, and when the terminal has another size. */
  look(): void;
  /** Leaves the terminal as it was, with the last page on it. */
  end(): void;
};

export function startWatch(world: WatchWorld): Watch {
  return world.terminal === undefined ? printedWatch(world) : drawnWatch(world, world.terminal);
}

const ESCAPE = String.fromCodePoint(0x1b);
const HIDE_CURSOR = `${ESCAPE}[?25l`;
const SHOW_CURSOR = `${ESCAPE}[?25h`;
const CLEAR_SCREEN = `${ESCAPE}[2J${ESCAPE}[H`;

function drawnWatch({ read, nowMs }: WatchWorld, terminal: Terminal): Watch {
  const { stream } = terminal;
  const page = pageOn(terminal);
  let isEnded = false;
  stream.write(HIDE_CURSOR);
  return {
    look: () => {
      if (isEnded) return;
      const size = { columns: terminal.columns(), rows: terminal.rows() };
      const { hasColours } = terminal;
      page.draw(frameOf(read(), { nowMs: nowMs(), ...size, hasColours }).join('\n'), size);
    },
    end: () => {
      if (isEnded) return;
      isEnded = true;
      page.leave();
      stream.write(SHOW_CURSOR);
    },
  };
}

/**
 * A page that is drawn over itself, whole and in one write, so that nothing flickers: log-update 7.0.0 would draw only the lines
 * that have changed, and thereby erases the line below them.
 */
function pageOn({ stream }: Terminal) {
  let pieces = '';
  let drawn = '';
  const collector = {
    isTTY: true,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    write: (text: string) => {
      pieces += text;
      return true;
    },
  };
  const update = createLogUpdate(collector as unknown as NodeJS.WritableStream, { showCursor: true });
  return {
    draw: (text: string, { columns, rows }: { readonly columns: number; readonly rows: number }): void => {
      const size = `${columns} ${rows}`;
      if (drawn === `${size}\n${text}`) return;
      const isResized = drawn !== '' && !drawn.startsWith(`${size}\n`);
      drawn = `${size}\n${text}`;
      pieces = '';
      if (isResized) update.done();
      else update.clear();
      update(text);
      // What stood there the terminal has wrapped anew: how many lines it takes now nobody knows.
      stream.write(`${isResized ? CLEAR_SCREEN : ''}${pieces}`);
    },
    leave: () => update.done(),
  };
}

function printedWatch({ read, stream, nowMs }: WatchWorld): Watch {
  const said: string[] = [];
  return {
    look: () => {
      for (const [at, node] of read().entries()) {
        const line = statusLine(node, nowMs());
        if (said[at] === line) continue;
        said[at] = line;
        stream.write(`${new Date(nowMs()).toISOString()} ${line}\n`);
      }
    },
    end: () => undefined,
  };
}
