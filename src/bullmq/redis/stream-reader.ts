/**
 * Reads a Redis stream as it grows. It remembers the last entry that it has read, so that it
 * continues there after a lost connection.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { disconnect, type OpenConnection } from './redis.js';

/** Pause in ms after a failed read. */
const RETRY_PAUSE = 100;
const MAX_ENTRIES = 256;

export class StreamReader {
  readonly #connection: OpenConnection;
  readonly #key: string;
  readonly #block: number;
  readonly #read: (text: string) => void;
  #last: string;
  #isClosed = false;

  /**
   * Reads the entries after the id `from`. The connection must belong to the reader alone, because
   * XREAD blocks it for up to `block` ms.
   */
  constructor(connection: OpenConnection, key: string, from: string, block: number, read: (text: string) => void) {
    this.#connection = connection;
    this.#key = key;
    this.#block = block;
    this.#last = from;
    this.#read = read;
    void this.#run();
  }

  /** Id of the last entry that was read. */
  get last(): string {
    return this.#last;
  }

  close(): void {
    this.#isClosed = true;
    disconnect(this.#connection);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const answer = (await this.#connection.redis.xread(
          ...(['COUNT', MAX_ENTRIES, 'BLOCK', this.#block, 'STREAMS', this.#key, this.#last] as const),
        )) as [string, [string, string[]][]][] | null;
        for (const [, entries] of answer ?? []) this.#deliver(entries);
        // Code that waited for an entry runs first. A program that awaits each task thus sends its
        // next task before this reader sends its next XREAD.
        await setImmediate();
      } catch {
        // Redis is unreachable, or has lost the stream. ioredis connects again, and the next read
        // returns what was written in the meantime.
        if (!this.#isClosed) await sleep(RETRY_PAUSE, undefined, { ref: false });
      }
    }
  }

  #deliver(entries: readonly [string, string[]][]): void {
    for (const [id, fields] of entries) {
      this.#last = id;
      const text = fields?.[1];
      if (text !== undefined) this.#read(text);
      if (this.#isClosed) return;
    }
  }
}
