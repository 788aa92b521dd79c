/**
 * The last lines of a terminal, which are drawn again and again, while all else that is written scrolls by above them.
 *
 * The cursor rests at the start of the line below, and neither it nor line wrapping is switched off. So whatever gets past this (an error
 * that Node itself prints, the shell's prompt after a Ctrl-C or a kill) begins on a line of its own, and nothing has to be put right.
 *
 * It is tempting to leave this to cli-progress, but it draws over what others write, its `log` loses what comes last
 * (https://github.com/npkgz/cli-progress/issues/145), and a Ctrl-C leaves the terminal without line wrapping, or is swallowed by the
 * handler that is to prevent that (https://github.com/npkgz/cli-progress/issues/126).
 */
export type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };

export class Screen {
  readonly #streams: readonly Terminal[];
  #lines: readonly string[] = [];
  /** How many lines are on the terminal, above the cursor. */
  #drawn = 0;
  #isAtLineStart = true;
  #isWriting = false;
  #release: (() => void) | undefined;

  /** @param streams all that lead to this terminal; it draws on the first */
  constructor(streams: readonly Terminal[]) {
    this.#streams = streams;
  }

  /** What a terminal that can't tell has: 80 by 24. */
  get columns(): number {
    return this.#streams[0]!.columns || 80;
  }

  /** Shows these lines from now on. While there are any, it listens to what is written. */
  draw(lines: readonly string[]): void {
    // The cursor can't go up to a line that has left the terminal.
    const shown = lines.slice(0, (this.#streams[0]!.rows || 24) - 1);
    const isSame = shown.length === this.#drawn && shown.every((line, i) => line === this.#lines[i]);
    this.#lines = shown;
    if (shown.length > 0) this.#release ??= this.#listen();
    if (!isSame) this.#redraw();
    if (shown.length > 0) return;
    this.#release?.();
    this.#release = undefined;
  }

  /** Writes a line that stays, above the others. */
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

  /** Makes room for what others write, and draws below it. What lacks a line break, a question to the user say, is left alone. */
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
    // Node prints warnings past the streams, in a listener of its own that comes after this one. The next frame draws below.
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

/** To the start of the line, too: what the user types, a Ctrl-C for one, is echoed where the cursor rests. */
function up(lines: number): string {
  return lines === 0 ? '' : `\r\x1b[${lines}A`;
}

/** Whether the cursor is at the start of a line after it; undefined for nothing, which moves no cursor. */
function endsLine(chunk: unknown): boolean | undefined {
  if (typeof chunk === 'string') return chunk === '' ? undefined : chunk.endsWith('\n');
  return chunk instanceof Uint8Array && chunk.length > 0 ? chunk.at(-1) === 10 : undefined;
}

/** Calls `around` for each write to the stream, until what it gives is called. */
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
    // Where somebody else has put theirs on top meanwhile, this one stays below it and passes everything on.
    if (stream.write !== write) return;
    if (isOwn) stream.write = original;
    else delete (stream as Partial<Terminal>).write;
  };
}
