/** What a worker machine has to say, written to Redis in as few commands as there are turns of the event loop. */

import type { Redis } from 'ioredis';
import { clearTimeout, setImmediate, setTimeout } from '../time.js';
import { after } from '../timers.js';
import { MOST_KEYS } from './chunks.js';
import { MACHINE } from './job-notes.js';
import type { Keys } from './keys.js';
import { isPassing, isReply } from './redis-error.js';
import { type End, encodeWord, joinWords, type Word } from './words.js';

/** Characters of a payload that is told in the inbox as it is. What is larger is kept once, and fetched by whoever waits for it. */
const SMALL = 64 * 1024;
/** Entries that wait in the inbox of a client that is away. Each has the words of a turn. */
const ENTRIES = 100_000;

/** ms for which word that a task has begun waits for company: where the task has ended by then, the two are one command. */
const PATIENCE = 1;

/** Pause in ms before a refused command is sent again. */
const AGAIN = 1_000;

/**
 * Says the words of a turn, and keeps the ends among them: one command, in that order, so that who is told of an end finds it. The first end
 * stays: a machine that was taken for lost may wake up and tell another. Jobs that were taken in it get the machine's name: BullMQ's own
 * note of that is gone when another machine finds them lost.
 *
 * The first write needs no memory, so that the script works when Redis is out of memory: Redis checks the memory only before the first write of
 * a script. Therefore running tasks can end, and make room.
 *
 *     KEYS: the inbox, then one for each end, one for each job, and the notes of futures that have ended
 *     ARGV: keep (ms), entries, the words, the machine, how many ends and jobs there are, then each end
 */
const TELL = `
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local ends, jobs = tonumber(ARGV[5]), tonumber(ARGV[6])
for i = 1, ends do redis.call('SET', KEYS[1 + i], ARGV[6 + i], 'PX', ARGV[1], 'NX') end
for i = 2 + ends, 1 + ends + jobs do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('HSET', KEYS[i], '${MACHINE}', ARGV[4]) end
end
for i = 2 + ends + jobs, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'w', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`;

type TellCommand = (keys: number, ...args: (string | number)[]) => Promise<unknown>;
type Tell = () => Promise<unknown>;

/** What is to be said to one client. */
interface Mail {
  words: string[];
  /** Those among them that are to be kept, and their keys. */
  ends: { key: string; word: string }[];
  /** Keys of jobs that were taken. */
  jobs: string[];
  /** Keys of notes that expire as the ends do. */
  notes: string[];
  /** ms that the client's inbox outlives the last word. */
  keep: number;
}

export class Outbox {
  readonly #keys: Keys;
  readonly #machine: string;
  readonly #mail = new Map<string, Mail>();
  readonly #redis: { rxFuturesTell: TellCommand };
  /** Resolves when what is said in this turn has been sent. */
  #sending: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  readonly #unanswered = new Set<Promise<unknown>>();
  readonly #refused: ((error: Error) => void) | undefined;
  /** Commands that Redis refused, and all later ones, in their order. The client drops values of a stream that arrive out of order. */
  #held: Tell[] = [];
  #again: NodeJS.Timeout | undefined;
  /** Resolvers of callers that wait until nothing is held. */
  #waiting: (() => void)[] = [];
  #isClosed = false;

  /** `refused` is called with each refusal of Redis. */
  constructor(redis: Redis, keys: Keys, machine: string, refused?: (error: Error) => void) {
    this.#keys = keys;
    this.#machine = machine;
    this.#refused = refused;
    redis.defineCommand('rxFuturesTell', { lua: TELL });
    this.#redis = redis as unknown as { rxFuturesTell: TellCommand };
  }

  say(client: string, keep: number, word: Word): void {
    this.#mailTo(client, keep).words.push(encodeWord(word));
    if (word.type === 'began') this.#planLater();
    else this.#plan();
  }

  /** Notes who has it, for whoever finds it lost. */
  took(job: string, client: string, keep: number): void {
    this.#mailTo(client, keep).jobs.push(this.#keys.job(job));
    this.#planLater();
  }

  /** Tells clients how a future has ended, and keeps it for others. `isNoted`: its job is not named after it, so there is a note that it is known. */
  end(end: End, keep: number, clients: readonly string[], isNoted: boolean): void {
    const isLarge = (end.payload?.length ?? 0) > SMALL;
    const word = encodeWord(end);
    const told = isLarge ? encodeWord({ ...end, payload: undefined }) : word;
    for (const client of clients) this.#mailTo(client, keep).words.push(told);
    const mail = this.#mailTo(clients[0] ?? NOBODY, keep);
    mail.ends.push({ key: this.#keys.end(end.id), word });
    if (isNoted) mail.notes.push(this.#keys.known(end.id));
    this.#plan();
  }

  /** The ends that were told so far have been sent, before whatever is sent on the same connection from now on. */
  async sent(): Promise<void> {
    await this.#sending;
    if (this.isHolding) await this.#released();
  }

  /** And Redis has it. */
  async flushed(): Promise<void> {
    await this.#sending;
    await Promise.all(this.#unanswered);
    if (this.isHolding) await this.#released();
  }

  /** True while refused commands are still to be sent. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Drops the commands that are held. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#release();
  }

  #mailTo(client: string, keep: number): Mail {
    let mail = this.#mail.get(client);
    if (mail === undefined || mail.ends.length >= MOST_KEYS) {
      if (mail !== undefined) this.#send(client, mail);
      mail = { words: [], ends: [], jobs: [], notes: [], keep };
      this.#mail.set(client, mail);
    }
    mail.keep = Math.max(mail.keep, keep);
    return mail;
  }

  #planLater(): void {
    if (this.#sending === undefined) this.#later ??= setTimeout(() => this.#plan(), PATIENCE);
  }

  #plan(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#sending ??= new Promise((sent) => {
      setImmediate(() => {
        this.#sending = undefined;
        for (const [client, mail] of this.#mail) this.#send(client, mail);
        this.#mail.clear();
        sent();
      });
    });
  }

  #send(client: string, { words, ends, jobs, notes, keep }: Mail): void {
    const keys = [this.#keys.inbox(client), ...ends.map(({ key }) => key), ...jobs, ...notes];
    const tell: Tell = () =>
      this.#redis.rxFuturesTell(
        keys.length,
        ...[...keys, keep, ENTRIES, joinWords(words), this.#machine, ends.length, jobs.length],
        ...ends.map(({ word }) => joinWords([word])),
      );
    if (this.isHolding) this.#held.push(tell);
    else this.#answered(tell, tell());
  }

  #answered(tell: Tell, answer: Promise<unknown>): void {
    const settled = answer
      .catch((error: Error) => this.#hold(tell, error))
      .finally(() => {
        this.#unanswered.delete(settled);
      });
    this.#unanswered.add(settled);
  }

  /** Keeps a refused command and sends it again. Without the command a future at a client would stay pending. */
  #hold(tell: Tell, error: Error): void {
    if (this.#isClosed) return;
    if (isReply(error)) this.#refused?.(error);
    if (!isPassing(error)) return;
    this.#held.push(tell);
    this.#again ??= after(AGAIN, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    try {
      for (let tell = this.#held[0]; tell !== undefined && !this.#isClosed; tell = this.#held[0]) {
        await tell().catch((error) => {
          if (isReply(error)) this.#refused?.(error);
          if (isPassing(error)) throw error;
        });
        this.#held.shift();
      }
      this.#again = undefined;
      this.#release();
    } catch {
      if (!this.#isClosed) this.#again = after(AGAIN, () => void this.#retry());
    }
  }

  #released(): Promise<void> {
    return this.#isClosed ? Promise.resolve() : new Promise((released) => void this.#waiting.push(released));
  }

  #release(): void {
    for (const released of this.#waiting.splice(0)) released();
  }
}

/** Whose inbox takes what nobody waits for: it is never read, and kept as short as any. */
const NOBODY = 'nobody';
