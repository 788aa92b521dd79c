/** Reads a Redis stream as it grows, through everything: it knows the last entry that it has read, and goes on from there. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type Line, letGo } from './redis.js';

/** ms before the next attempt after a failure. */
const PAUSE = 100;
const ENTRIES = 256;

export class StreamReader {
  readonly #line: Line;
  readonly #key: string;
  readonly #block: number;
  readonly #read: (text: string) => void;
  #last: string;
  #isClosed = false;

  /** Reads the entries after `from`, an id. `line` belongs to the reader alone, because XREAD blocks it for up to `block` ms. */
  constructor(line: Line, key: string, from: string, block: number, read: (text: string) => void) {
    this.#line = line;
    this.#key = key;
    this.#block = block;
    this.#last = from;
    this.#read = read;
    void this.#run();
  }

  /** The last entry that was read. */
  get last(): string {
    return this.#last;
  }

  close(): void {
    this.#isClosed = true;
    letGo(this.#line);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const answer = (await this.#line.redis.xread(
          ...(['COUNT', ENTRIES, 'BLOCK', this.#block, 'STREAMS', this.#key, this.#last] as const),
        )) as [string, [string, string[]][]][] | null;
        for (const [, entries] of answer ?? []) this.#take(entries);
        // Whoever was waiting for it goes on first: the next task of a program that awaits each is at Redis before this asks for more.
        await setImmediate();
      } catch {
        // Redis is away, or has no such thing any more. ioredis finds it again; what was written meanwhile is there then.
        if (!this.#isClosed) await sleep(PAUSE, undefined, { ref: false });
      }
    }
  }

  #take(entries: readonly [string, string[]][]): void {
    for (const [id, fields] of entries) {
      this.#last = id;
      const text = fields?.[1];
      if (text !== undefined) this.#read(text);
      if (this.#isClosed) return;
    }
  }
}
