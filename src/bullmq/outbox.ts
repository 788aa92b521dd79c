/** What a worker machine has to say, written to Redis in as few commands as there are turns of the event loop. */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.js';
import { type End, encodeWords, type Word } from './words.js';

/** Bytes of a payload that is told in the inbox as it is. What is larger is kept once, and fetched by whoever waits for it. */
const SMALL = 64 * 1024;
/** Entries that wait in the inbox of a client that is away. Each has the words of a turn. */
const ENTRIES = 100_000;

/** What is to be said to one client. */
interface Mail {
  words: Word[];
  /** ms that the client's inbox outlives the last word. */
  keep: number;
  /** Where the latest progress of a future is in `words`: the one before it is of no interest any more. */
  readonly progress: Map<number, number>;
}

export class Outbox {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #mail = new Map<string, Mail>();
  #ends: { readonly end: End; readonly keep: number }[] = [];
  #isPlanned = false;
  #written: Promise<void> = Promise.resolve();

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  say(client: string, keep: number, word: Word): void {
    let mail = this.#mail.get(client);
    if (mail === undefined) {
      mail = { words: [], keep, progress: new Map() };
      this.#mail.set(client, mail);
    }
    mail.keep = Math.max(mail.keep, keep);
    if (word.type === 'progress') {
      const before = mail.progress.get(word.id);
      if (before !== undefined) {
        mail.words[before] = word;
        return;
      }
      mail.progress.set(word.id, mail.words.length);
    }
    mail.words.push(word);
    this.#plan();
  }

  /** Tells clients how a future has ended, and keeps it for others. */
  end(end: End, keep: number, clients: Iterable<string>): void {
    const isLarge = (end.payload?.byteLength ?? 0) > SMALL;
    this.#ends.push({ end, keep });
    for (const client of clients) this.say(client, keep, isLarge ? { ...end, payload: undefined } : end);
    this.#plan();
  }

  /** What was said so far is in Redis. */
  async flushed(): Promise<void> {
    this.#flush();
    await this.#written;
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isPlanned = false;
    if (this.#mail.size === 0 && this.#ends.length === 0) return;
    const pipeline = this.#redis.pipeline();
    // Ends before words: who is told of one may fetch it at once.
    for (const { end, keep } of this.#ends) {
      pipeline.set(this.#keys.end(end.id), encodeWords([end]), 'PX', keep);
      pipeline.pexpire(this.#keys.known(end.id), keep);
    }
    for (const [client, { words, keep }] of this.#mail) {
      const inbox = this.#keys.inbox(client);
      pipeline.xadd(inbox, 'MAXLEN', '~', ENTRIES, '*', 'w', encodeWords(words));
      pipeline.pexpire(inbox, keep);
    }
    this.#mail.clear();
    this.#ends = [];
    const before = this.#written;
    const written = pipeline.exec().then(
      () => {},
      () => {},
    );
    this.#written = before.then(() => written);
  }
}
