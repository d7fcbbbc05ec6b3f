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

function drawnWatch({ read, nowMs }: WatchWorld, terminal: Terminal): Watch {
  const { stream } = terminal;
  const draw = createLogUpdate(stream as NodeJS.WritableStream, { showCursor: true });
  let size = '';
  let isEnded = false;
  stream.write(HIDE_CURSOR);
  return {
    look: () => {
      if (isEnded) return;
      const [columns, rows] = [terminal.columns(), terminal.rows()];
      // The terminal has wrapped what stood there: how many lines it takes now nobody knows.
      if (size !== '' && size !== `${columns} ${rows}`) stream.write(`${ESCAPE}[2J${ESCAPE}[H`);
      if (size !== `${columns} ${rows}`) draw.done();
      size = `${columns} ${rows}`;
      const { hasColours } = terminal;
      draw(frameOf(read(), { nowMs: nowMs(), columns, rows, hasColours }).join('\n'));
    },
    end: () => {
      if (isEnded) return;
      isEnded = true;
      draw.done();
      stream.write(SHOW_CURSOR);
    },
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
