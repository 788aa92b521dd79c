/** What a worker machine has to say, written to Redis in as few commands as there are turns of the event loop. */

import type { Redis } from 'ioredis';
import { clearTimeout, setImmediate, setTimeout } from '../../platform/time.js';
import { after } from '../../platform/timers.js';
import { isPassing, isReply } from '../redis/redis-error.js';
import { MOST_KEYS } from '../wire/chunks.js';
import { BEGUN, SERVER } from '../wire/job-notes.js';
import type { Keys } from '../wire/keys.js';
import { type End, encodeMessage, joinMessages, type ToClient } from '../wire/messages.js';

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
 * note of that is gone when another machine finds them lost. Notes of how many plans of a job begin come last, so that they count only
 * with the ends that made room for them. Such a note is refused where the lock of the job is not this machine's any more.
 *
 * The first write needs no memory, so that the script works when Redis is out of memory: Redis checks the memory only before the first write of
 * a script. Therefore running tasks can end, and make room.
 *
 *     KEYS: the inbox, then one for each end, one for each job that was taken, the job and the lock of each that begins plans, and
 *           the notes of futures that have ended
 *     ARGV: keep (ms), entries, the words, the machine, how many ends, jobs taken and jobs that begin plans there are, then each end, and
 *           the token of the lock and the count of each that begins plans
 *     Returns 1 for each job that may begin them, and 0 for each that may not.
 */
const PUBLISH = `
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local ends, jobs, begins = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
for i = 1, ends do redis.call('SET', KEYS[1 + i], ARGV[7 + i], 'PX', ARGV[1], 'NX') end
for i = 2 + ends, 1 + ends + jobs do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('HSET', KEYS[i], '${SERVER}', ARGV[4]) end
end
for i = 2 + ends + jobs + 2 * begins, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
if ARGV[3] ~= '' then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'w', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
local answers = {}
for i = 1, begins do
  local key, lock = KEYS[ends + jobs + 2 * i], KEYS[1 + ends + jobs + 2 * i]
  local token, begun = ARGV[6 + ends + 2 * i], ARGV[7 + ends + 2 * i]
  if redis.call('GET', lock) == token then
    redis.call('HSET', key, '${BEGUN}', begun, '${SERVER}', ARGV[4])
    answers[i] = 1
  else
    answers[i] = 0
  end
end
return answers
`;

type PublishCommand = (keys: number, ...args: (string | number)[]) => Promise<number[]>;

interface Publish {
  readonly send: () => Promise<number[]>;
  readonly starts: readonly Begin[];
}

/** A job of several plans, some of which are to begin. */
interface Begin {
  readonly job: string;
  readonly token: string;
  /** How many of its plans may have begun then.  */
  readonly count: number;
  readonly answer: (isOurs: boolean) => void;
}

/** What is to be said to one client. */
interface Mail {
  /** That futures have begun, by their ids. Not told where the end of one is in the same mail: it says when it began. */
  started: Map<number, ToClient>;
  messages: string[];
  /** Those among them that are to be kept, and their keys. */
  ends: { key: string; message: string }[];
  /** Keys of jobs that were taken. */
  jobs: string[];
  starts: Begin[];
  /** Keys of notes that expire as the ends do. */
  notes: string[];
  /** ms that the client's inbox outlives the last word. */
  keep: number;
}

export class Outbox {
  readonly #keys: Keys;
  readonly #server: string;
  readonly #mail = new Map<string, Mail>();
  readonly #redis: { rxFuturesPublish: PublishCommand };
  /** Resolves when what is said in this turn has been sent. */
  #sending: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  readonly #unanswered = new Set<Promise<unknown>>();
  readonly #refused: ((error: Error) => void) | undefined;
  /** Commands that Redis refused, and all later ones, in their order. The client drops values of a stream that arrive out of order. */
  #held: Publish[] = [];
  #again: NodeJS.Timeout | undefined;
  /** Resolvers of callers that wait until nothing is held. */
  #waiting: (() => void)[] = [];
  #isClosed = false;

  /** `refused` is called with each refusal of Redis. */
  constructor(redis: Redis, keys: Keys, server: string, refused?: (error: Error) => void) {
    this.#keys = keys;
    this.#server = server;
    this.#refused = refused;
    redis.defineCommand('rxFuturesTell', { lua: PUBLISH });
    this.#redis = redis as unknown as { rxFuturesPublish: PublishCommand };
  }

  say(client: string, keep: number, message: ToClient): void {
    const { started, messages } = this.#mailTo(client, keep);
    if (message.type === 'started') {
      started.set(message.id, message);
      this.#planLater();
      return;
    }
    const first = started.get(message.id);
    if (first !== undefined && started.delete(message.id)) messages.push(encodeMessage(first));
    messages.push(encodeMessage(message));
    this.#tree();
  }

  /** Notes who has it, for whoever finds it lost. */
  took(job: string, client: string, keep: number): void {
    this.#mailTo(client, keep).jobs.push(this.#keys.job(job));
    this.#planLater();
  }

  /**
   * Notes how many plans of a job may have begun, with all else that is said in this turn. False where the job is not this machine's any more:
   * nothing of it may begin.
   */
  start(job: string, token: string, count: number, client: string, keep: number): Promise<boolean> {
    return new Promise((answer) => {
      this.#mailTo(client, keep).starts.push({ job, token, count, answer });
      this.#tree();
    });
  }

  /** Tells clients how a future has ended, and keeps it for others. `isNoted`: its job is not named after it, so there is a note that it is known. */
  end(end: End, keep: number, clients: readonly string[], isNoted: boolean, isPatient = false): void {
    const isLarge = (end.payload?.length ?? 0) > SMALL;
    const message = encodeMessage(end);
    const published = isLarge ? encodeMessage({ ...end, payload: undefined }) : message;
    for (const client of clients) {
      const { started, messages } = this.#mailTo(client, keep);
      started.delete(end.id);
      messages.push(published);
    }
    const mail = this.#mailTo(clients[0] ?? NOBODY, keep);
    mail.ends.push({ key: this.#keys.end(end.id), message });
    if (isNoted) mail.notes.push(this.#keys.known(end.id));
    if (isPatient) this.#planLater();
    else this.#tree();
  }

  /** The ends that were told so far have been sent, before whatever is sent on the same connection from now on. */
  async sent(): Promise<void> {
    if (this.#later !== undefined) this.#tree();
    await this.#sending;
    if (this.isHolding) await this.#released();
  }

  /** And Redis has it. */
  async flushed(): Promise<void> {
    if (this.#later !== undefined) this.#tree();
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
    for (const publish of this.#held) drop(publish);
    this.#release();
  }

  #mailTo(client: string, keep: number): Mail {
    let mail = this.#mail.get(client);
    if (mail === undefined || mail.ends.length >= MOST_KEYS) {
      if (mail !== undefined) this.#send(client, mail);
      mail = { started: new Map(), messages: [], ends: [], jobs: [], starts: [], notes: [], keep };
      this.#mail.set(client, mail);
    }
    mail.keep = Math.max(mail.keep, keep);
    return mail;
  }

  #planLater(): void {
    if (this.#sending === undefined) this.#later ??= setTimeout(() => this.#tree(), PATIENCE);
  }

  #tree(): void {
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

  #send(client: string, { started, messages, ends, jobs, starts, notes, keep }: Mail): void {
    const locked = starts.flatMap(({ job }) => [this.#keys.job(job), this.#keys.lock(job)]);
    const keys = [this.#keys.inbox(client), ...ends.map(({ key }) => key), ...jobs, ...locked, ...notes];
    const all = [...Array.from(started.values(), encodeMessage), ...messages];
    const published = all.length > 0 ? joinMessages(all) : '';
    const counts = starts.flatMap(({ token, count }) => [token, count]);
    const send = () =>
      this.#redis.rxFuturesPublish(
        keys.length,
        ...[...keys, keep, ENTRIES, published, this.#server, ends.length, jobs.length, starts.length],
        ...ends.map(({ message }) => joinMessages([message])),
        ...counts,
      );
    const publish = { send, starts };
    if (this.isHolding) this.#held.push(publish);
    else this.#answered(publish);
  }

  #answered(publish: Publish): void {
    const settled = this.#publish(publish)
      .catch((error: Error) => this.#hold(publish, error))
      .finally(() => {
        this.#unanswered.delete(settled);
      });
    this.#unanswered.add(settled);
  }

  async #publish({ send, starts }: Publish): Promise<void> {
    const answers = await send();
    for (const [i, { answer }] of starts.entries()) answer(answers[i] === 1);
  }

  /** Keeps a refused command and sends it again. Without the command a future at a client would stay pending. */
  #hold(publish: Publish, error: Error): void {
    if (!this.#isClosed && isReply(error)) this.#refused?.(error);
    if (this.#isClosed || !isPassing(error)) {
      drop(publish);
      return;
    }
    this.#held.push(publish);
    this.#again ??= after(AGAIN, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    try {
      for (let publish = this.#held[0]; publish !== undefined && !this.#isClosed; publish = this.#held[0]) {
        await this.#publish(publish).catch((error) => {
          if (isReply(error)) this.#refused?.(error);
          if (isPassing(error)) throw error;
          drop(publish);
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

/** What is not noted does not begin. */
function drop({ starts }: Publish): void {
  for (const { answer } of starts) answer(false);
}

/** Whose inbox takes what nobody waits for: it is never read, and kept as short as any. */
const NOBODY = 'nobody';
