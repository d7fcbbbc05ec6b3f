/** A terminal in memory: understands the few sequences that our output uses, and shows what a person would see. */
import { type OutputStream } from '../../src/cli/terminal.js';

/** Text, or one sequence: CSI, parameters, the letter. */
const PIECES = new RegExp(`${String.fromCodePoint(27)}\\[(\\??[\\d;]*)([A-Za-z])|[^]`, 'gu');

export class FakeTerminal implements OutputStream {
  readonly isTTY: boolean;
  columns: number;
  rows: number;
  /** All that was written, as it was. */
  written = '';
  isCursorShown = true;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor({ columns = 80, rows = 24, isTTY = true } = {}) {
    this.columns = columns;
    this.rows = rows;
    this.isTTY = isTTY;
  }

  /** The lines that are to be seen, without the empty ones at the end. */
  get screen(): string[] {
    const lines = this.#lines.map((line) => line.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  write(text: string): boolean {
    this.written += text;
    for (const [piece, parameters, letter] of text.matchAll(PIECES)) {
      if (letter === undefined) this.#put(piece);
      else this.#obey(letter, parameters!);
    }
    return true;
  }

  #put(character: string): void {
    if (character === '\n') {
      this.#row += 1;
      this.#column = 0;
    } else {
      if (this.#column === this.columns) {
        this.#row += 1;
        this.#column = 0;
      }
      this.#line()[this.#column] = character;
      this.#column += 1;
    }
    this.#line();
  }

  #line(): string[] {
    while (this.#lines.length <= this.#row) this.#lines.push([]);
    const line = this.#lines[this.#row]!;
    while (line.length < this.#column) line.push(' ');
    return line;
  }

  #obey(letter: string, parameters: string): void {
    const count = parameters === '' ? 1 : Number(parameters);
    switch (letter) {
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        break;
      case 'B':
        this.#row += count;
        break;
      case 'G':
        this.#column = count - 1;
        break;
      case 'H':
        this.#row = 0;
        this.#column = 0;
        break;
      case 'J':
        if (parameters === '2') this.#lines.length = 0;
        else this.#lines.length = this.#row + 1;
        this.#line();
        break;
      case 'K':
        this.#line().length = parameters === '2' ? 0 : this.#column;
        break;
      case 'h':
      case 'l':
        if (parameters === '?25') this.isCursorShown = letter === 'h';
        break;
      case 'm':
        break;
      default:
        throw new Error(`a terminal in memory knows no ${parameters}${letter}`);
    }
  }
}
