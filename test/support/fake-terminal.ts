/**
 * A terminal for tests: it interprets the control sequences of progress bars and keeps the screen.
 */
import { Writable } from 'node:stream';

/** Matches a control sequence or one character. */
const TOKEN = new RegExp(`${'\x1b'}\\[\\d*[A-Za-z]|.`, 'gsu');

export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Lines of cells, one for each column. The second cell of a wide character is empty. */
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor({ columns = 60, rows = 24 } = {}) {
    // Writes are synchronous, as in a POSIX terminal.
    super({ decodeStrings: false, write: (chunk, _encoding, done) => done(void this.show(String(chunk))) });
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * All lines, from the first one that was ever written to the last one or the line of the cursor.
   */
  get screen(): string[] {
    return this.#lines.map((cells) => cells.join('').trimEnd());
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** Shows text that did not pass through `write`, and bypasses listeners of `write`. */
  show(text: string): void {
    for (const [token] of text.matchAll(TOKEN)) {
      if (token.length > 2) this.#control(token);
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#newLine();
      else this.#put(token);
    }
  }

  #put(character: string): void {
    const width = /\p{Emoji_Presentation}|\p{Script=Han}/u.test(character) ? 2 : 1;
    if (this.#column + width > this.columns) this.#newLine();
    const cells = this.#lines[this.#row]!;
    while (cells.length < this.#column) cells.push(' ');
    cells.splice(this.#column, width, character, ...(width === 2 ? [''] : []));
    this.#column += width;
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push([]);
  }

  #control(sequence: string): void {
    const top = Math.max(0, this.#lines.length - this.rows);
    const below = this.#lines.length - this.#row - 1;
    switch (sequence.at(-1)) {
      case 'A':
        this.#row = Math.max(top, this.#row - Number(sequence.slice(2, -1)));
        return;
      case 'K':
        this.#lines[this.#row]!.splice(this.#column);
        return;
      case 'J':
        this.#lines[this.#row]!.splice(this.#column);
        this.#lines.splice(this.#row + 1, below);
        return;
      case 'm': // Colours don't move the cursor.
        return;
      default:
        throw new Error(`FakeTerminal does not support the sequence ${JSON.stringify(sequence)}`);
    }
  }
}
