/** Sends the messages of a server to its clients, in one Redis command per client and tick. */

import type { Redis } from 'ioredis';
import { SERVER, STARTED } from '../bullmq/job-notes.js';
import type { Keys } from '../bullmq/keys.js';
import { isReply, isTemporary } from '../bullmq/redis/redis-error.js';
import { clearTimeout, setImmediate, setTimeout } from '../platform/time.js';
import { after } from '../platform/timers.js';
import { MAX_KEYS } from '../protocol/queue/chunks.js';
import { encodeMessage, joinMessages, type OutcomeMessage, type ToClient } from '../protocol/queue/messages.js';

/**
 * Maximum length of a payload that is sent to the inbox, in characters. A larger payload is stored
 * once, and the clients that wait for the outcome read it from there.
 */
const MAX_INLINE = 64 * 1024;
/**
 * Maximum number of entries in the inbox of a disconnected client. An entry holds the messages of
 * one tick.
 */
const MAX_ENTRIES = 100_000;

/**
 * Time in ms for which a `started` message waits for other messages. If the task settles in that
 * time, start and outcome are sent in one command.
 */
const START_DELAY = 1;

/** Pause in ms before a refused command is sent again. */
const RETRY_PAUSE = 1_000;

/**
 * Publishes the messages of a tick, in one command and in this order:
 *
 *   1. Stores the outcomes, so that a client that receives an outcome message finds it. The first
 *      outcome of a future stays, because a server that was declared lost may wake up and publish
 *      another one.
 *   2. Notes this server's name in the jobs that were claimed. BullMQ's own note of the name is
 *      gone when another server finds the job lost.
 *   3. Adds the messages to the inbox.
 *   4. Notes how many trees of a job start. This comes last, so that the note counts only together
 *      with the outcomes that made room for these trees. The note is refused if this server no
 *      longer holds the job's lock.
 *
 * The first write needs no memory, so that the script works when Redis is out of memory. Redis
 * checks the memory only before the first write of a script. Running tasks can therefore end and
 * free memory.
 *
 *     KEYS: the inbox; one key for each outcome; one for each claimed job; the job and the lock of
 *           each job that starts trees; the notes of the futures that have settled
 *     ARGV: keep (ms), the maximum of entries, the messages, the server, the numbers of outcomes,
 *           claimed jobs and jobs that start trees; then each outcome; then the token of the lock
 *           and the count of each job that starts trees
 *     Returns 1 for each job that may start its trees, and 0 for each that may not.
 */
const PUBLISH = `
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local outcomes, jobs, starting = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
for i = 1, outcomes do redis.call('SET', KEYS[1 + i], ARGV[7 + i], 'PX', ARGV[1], 'NX') end
for i = 2 + outcomes, 1 + outcomes + jobs do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('HSET', KEYS[i], '${SERVER}', ARGV[4]) end
end
for i = 2 + outcomes + jobs + 2 * starting, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
if ARGV[3] ~= '' then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'w', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
local answers = {}
for i = 1, starting do
  local key, lock = KEYS[outcomes + jobs + 2 * i], KEYS[1 + outcomes + jobs + 2 * i]
  local token, started = ARGV[6 + outcomes + 2 * i], ARGV[7 + outcomes + 2 * i]
  if redis.call('GET', lock) == token then
    redis.call('HSET', key, '${STARTED}', started, '${SERVER}', ARGV[4])
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
  readonly starts: readonly StartRequest[];
}

/** A job of several trees, some of which are about to start. */
interface StartRequest {
  readonly job: string;
  readonly token: string;
  /** Number of trees of the job that may have started then. */
  readonly count: number;
  readonly answer: (isOurs: boolean) => void;
}

/** The messages and notes for one client. */
interface Mail {
  /**
   * `started` messages, by future id. Dropped if the mail contains the outcome of the future,
   * because an outcome includes the time of the start.
   */
  started: Map<number, ToClient>;
  messages: string[];
  /** Outcomes that are stored, with their keys. */
  outcomes: { key: string; message: string }[];
  /** Keys of jobs that were claimed. */
  jobs: string[];
  starts: StartRequest[];
  /** Keys of notes that expire together with the outcomes. */
  notes: string[];
  /** Time in ms that the client's inbox outlives its last message. */
  keep: number;
}

export class Outbox {
  readonly #keys: Keys;
  readonly #server: string;
  readonly #mail = new Map<string, Mail>();
  readonly #redis: { rxFuturesPublish: PublishCommand };
  /** Resolves when the messages of this tick have been sent. */
  #sending: Promise<void> | undefined;
  #later: NodeJS.Timeout | undefined;
  readonly #unanswered = new Set<Promise<unknown>>();
  readonly #refused: ((error: Error) => void) | undefined;
  /**
   * Commands that Redis refused, and all later ones, in their order. The order matters because the
   * client drops stream values that arrive out of order.
   */
  #held: Publish[] = [];
  #again: NodeJS.Timeout | undefined;
  /** Resolvers of the callers that wait until no command is held. */
  #waiting: (() => void)[] = [];
  #isClosed = false;

  /** `refused` is called with each refusal of Redis. */
  constructor(redis: Redis, keys: Keys, server: string, refused?: (error: Error) => void) {
    this.#keys = keys;
    this.#server = server;
    this.#refused = refused;
    redis.defineCommand('rxFuturesPublish', { lua: PUBLISH });
    this.#redis = redis as unknown as { rxFuturesPublish: PublishCommand };
  }

  publish(client: string, keep: number, message: ToClient): void {
    const { started, messages } = this.#mailTo(client, keep);
    if (message.type === 'started') {
      started.set(message.id, message);
      this.#scheduleLater();
      return;
    }
    const first = started.get(message.id);
    if (first !== undefined && started.delete(message.id)) messages.push(encodeMessage(first));
    messages.push(encodeMessage(message));
    this.#schedule();
  }

  /** Notes in a claimed job that this server has it, for the server that finds the job lost. */
  noteServer(job: string, client: string, keep: number): void {
    this.#mailTo(client, keep).jobs.push(this.#keys.job(job));
    this.#scheduleLater();
  }

  /**
   * Notes how many trees of a job may have started, together with the messages of this tick.
   * Resolves with false if this server has lost the job. None of the trees may start then.
   */
  noteStarted(job: string, token: string, count: number, client: string, keep: number): Promise<boolean> {
    return new Promise((answer) => {
      this.#mailTo(client, keep).starts.push({ job, token, count, answer });
      this.#schedule();
    });
  }

  /**
   * Sends the outcome of a future to clients, and stores it. `isNoted` is true if the job is not
   * named after the future, so that Redis has a note of the job's id. `mayWait` allows a short
   * delay.
   */
  publishOutcome(
    outcome: OutcomeMessage,
    keep: number,
    clients: readonly string[],
    isNoted: boolean,
    mayWait = false,
  ): void {
    const isLarge = (outcome.payload?.length ?? 0) > MAX_INLINE;
    const message = encodeMessage(outcome);
    const published = isLarge ? encodeMessage({ ...outcome, payload: undefined }) : message;
    for (const client of clients) {
      const { started, messages } = this.#mailTo(client, keep);
      started.delete(outcome.id);
      messages.push(published);
    }
    const mail = this.#mailTo(clients[0] ?? NO_CLIENT, keep);
    mail.outcomes.push({ key: this.#keys.outcome(outcome.id), message });
    if (isNoted) mail.notes.push(this.#keys.known(outcome.id));
    if (mayWait) this.#scheduleLater();
    else this.#schedule();
  }

  /**
   * Resolves when all outcomes so far were sent. Later commands on the same connection are executed
   * after them.
   */
  async sent(): Promise<void> {
    if (this.#later !== undefined) this.#schedule();
    await this.#sending;
    if (this.isHolding) await this.#released();
  }

  /** Resolves when Redis has executed all commands so far. */
  async flushed(): Promise<void> {
    if (this.#later !== undefined) this.#schedule();
    await this.#sending;
    await Promise.all(this.#unanswered);
    if (this.isHolding) await this.#released();
  }

  /** True while refused commands wait to be sent again. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Drops the held commands. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    for (const publish of this.#held) drop(publish);
    this.#release();
  }

  #mailTo(client: string, keep: number): Mail {
    let mail = this.#mail.get(client);
    if (mail === undefined || mail.outcomes.length >= MAX_KEYS) {
      if (mail !== undefined) this.#send(client, mail);
      mail = { started: new Map(), messages: [], outcomes: [], jobs: [], starts: [], notes: [], keep };
      this.#mail.set(client, mail);
    }
    mail.keep = Math.max(mail.keep, keep);
    return mail;
  }

  #scheduleLater(): void {
    if (this.#sending === undefined) this.#later ??= setTimeout(() => this.#schedule(), START_DELAY);
  }

  #schedule(): void {
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

  #send(client: string, { started, messages, outcomes, jobs, starts, notes, keep }: Mail): void {
    const locked = starts.flatMap(({ job }) => [this.#keys.job(job), this.#keys.lock(job)]);
    const keys = [this.#keys.inbox(client), ...outcomes.map(({ key }) => key), ...jobs, ...locked, ...notes];
    const all = [...Array.from(started.values(), encodeMessage), ...messages];
    const published = all.length > 0 ? joinMessages(all) : '';
    const counts = starts.flatMap(({ token, count }) => [token, count]);
    const send = () =>
      this.#redis.rxFuturesPublish(
        keys.length,
        ...[...keys, keep, MAX_ENTRIES, published, this.#server, outcomes.length, jobs.length, starts.length],
        ...outcomes.map(({ message }) => joinMessages([message])),
        ...counts,
      );
    const publish = { send, starts };
    if (this.isHolding) this.#held.push(publish);
    else this.#execute(publish);
  }

  #execute(publish: Publish): void {
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

  /**
   * Holds a refused command and sends it again. Without it, a client's future would stay pending.
   */
  #hold(publish: Publish, error: Error): void {
    if (!this.#isClosed && isReply(error)) this.#refused?.(error);
    if (this.#isClosed || !isTemporary(error)) {
      drop(publish);
      return;
    }
    this.#held.push(publish);
    this.#again ??= after(RETRY_PAUSE, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    try {
      for (let publish = this.#held[0]; publish !== undefined && !this.#isClosed; publish = this.#held[0]) {
        await this.#publish(publish).catch((error) => {
          if (isReply(error)) this.#refused?.(error);
          if (isTemporary(error)) throw error;
          drop(publish);
        });
        this.#held.shift();
      }
      this.#again = undefined;
      this.#release();
    } catch {
      if (!this.#isClosed) this.#again = after(RETRY_PAUSE, () => void this.#retry());
    }
  }

  #released(): Promise<void> {
    return this.#isClosed ? Promise.resolve() : new Promise((released) => void this.#waiting.push(released));
  }

  #release(): void {
    for (const released of this.#waiting.splice(0)) released();
  }
}

/** Answers with false: trees that could not be noted must not start. */
function drop({ starts }: Publish): void {
  for (const { answer } of starts) answer(false);
}

/**
 * Inbox for outcomes that no client waits for. No client reads it, and its length is limited like
 * that of any inbox.
 */
const NO_CLIENT = 'nobody';
