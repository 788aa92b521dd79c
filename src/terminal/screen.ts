/**
 * The last lines of a terminal. They are redrawn in place, and all other output scrolls above them.
 *
 * The cursor stays at the start of the line below. Neither the cursor nor line wrapping is switched
 * off. Therefore output that bypasses this class starts on its own line, and nothing has to be
 * restored. Examples are an error that Node itself prints, and the shell's prompt after a Ctrl-C or
 * a kill.
 *
 * It is tempting to leave this to cli-progress, but:
 *
 * - cli-progress draws over the output of others, and its `log` loses the last text
 *   (https://github.com/npkgz/cli-progress/issues/145).
 * - After a Ctrl-C it leaves the terminal without line wrapping. Its handler against that
 *   swallows the Ctrl-C (https://github.com/npkgz/cli-progress/issues/126).
 */
export type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };

export class Screen {
  readonly #streams: readonly Terminal[];
  #lines: readonly string[] = [];
  /** Number of lines that are drawn on the terminal, above the cursor. */
  #drawn = 0;
  #isAtLineStart = true;
  #isWriting = false;
  #release: (() => void) | undefined;

  /** @param streams all streams that write to this terminal; the lines are written to the first */
  constructor(streams: readonly Terminal[]) {
    this.#streams = streams;
  }

  /** Width of the terminal. A terminal that does not report its size counts as 80 by 24. */
  get columns(): number {
    return this.#streams[0]!.columns || 80;
  }

  /**
   * Shows these lines from now on. While there are lines, writes of others to the streams are
   * intercepted.
   */
  draw(lines: readonly string[]): void {
    // The cursor can't move up to a line that has scrolled off the terminal.
    const shown = lines.slice(0, (this.#streams[0]!.rows || 24) - 1);
    const isSame = shown.length === this.#drawn && shown.every((line, i) => line === this.#lines[i]);
    this.#lines = shown;
    if (shown.length > 0) this.#release ??= this.#listen();
    if (!isSame) this.#redraw();
    if (shown.length > 0) return;
    this.#release?.();
    this.#release = undefined;
  }

  /** Writes a permanent line above the others. */
  print(line: string): void {
    this.#erase();
    this.#write(`${this.#isAtLineStart ? '' : '\n'}${line}\n`);
    this.#isAtLineStart = true;
    this.#redraw();
  }

  #redraw(): void {
    if (!this.#isAtLineStart) return;
    const text = this.#lines.map((line) => `${line}${CLEAR_LINE}\n`).join('');
    if (text === '' && this.#drawn === 0) return;
    this.#write(`${up(this.#drawn)}${text}${CLEAR_BELOW}`);
    this.#drawn = this.#lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#write(`${up(this.#drawn)}${CLEAR_BELOW}`);
    this.#drawn = 0;
  }

  #write(text: string): void {
    this.#isWriting = true;
    try {
      this.#streams[0]!.write(text);
    } finally {
      this.#isWriting = false;
    }
  }

  /**
   * Erases the lines, lets another writer write, and redraws the lines below. If the text does not
   * end with a line break, for example a question to the user, the lines stay erased.
   */
  #foreign<R>(chunk: unknown, write: () => R): R {
    if (this.#isWriting) return write();
    this.#erase();
    const result = write();
    this.#isAtLineStart = endsLine(chunk) ?? this.#isAtLineStart;
    this.#redraw();
    return result;
  }

  #listen(): () => void {
    this.#isAtLineStart = true;
    const releases = this.#streams.map((stream) => intercept(stream, (chunk, write) => this.#foreign(chunk, write)));
    // Node prints warnings without these streams, in its own listener, which runs after this one.
    // The next frame draws the lines below the warning.
    const erase = () => this.#erase();
    process.prependListener('warning', erase);
    return () => {
      process.off('warning', erase);
      for (const release of releases) release();
    };
  }
}

const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/**
 * Moves the cursor up and to the start of the line. Input of the user, such as `^C`, is echoed at
 * the cursor and may have moved it.
 */
function up(lines: number): string {
  return lines === 0 ? '' : `\r\x1b[${lines}A`;
}

/**
 * Returns true if the cursor is at the start of a line after `chunk`. Returns undefined for an
 * empty chunk, which does not move the cursor.
 */
function endsLine(chunk: unknown): boolean | undefined {
  if (typeof chunk === 'string') return chunk === '' ? undefined : chunk.endsWith('\n');
  return chunk instanceof Uint8Array && chunk.length > 0 ? chunk.at(-1) === 10 : undefined;
}

/** Calls `around` for each write to the stream, until the returned function is called. */
function intercept(stream: Terminal, around: (chunk: unknown, write: () => boolean) => boolean): () => void {
  const isOwn = Object.hasOwn(stream, 'write');
  const original = stream.write;
  let isReleased = false;
  const write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const pass = (): boolean => Reflect.apply(original, stream, [chunk, ...rest]);
    return isReleased ? pass() : around(chunk, pass);
  };
  stream.write = write as Terminal['write'];
  return () => {
    isReleased = true;
    // If other code has replaced `write` meanwhile, its function may still call this one. Then this
    // one stays and passes everything on.
    if (stream.write !== write) return;
    if (isOwn) stream.write = original;
    else delete (stream as Partial<Terminal>).write;
  };
}
