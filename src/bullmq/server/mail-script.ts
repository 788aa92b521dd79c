/** Sends the mail of a server to a client, in one Redis command. */
import type { Redis } from 'ioredis';
import type { Mail } from '../../protocol/queue/mail.js';
import { isReply } from '../redis/redis-error.js';
import { SERVER, STARTED } from '../stored/job-notes.js';
import type { Keys } from '../stored/keys.js';

/**
 * Maximum number of entries in the inbox of a disconnected client. An entry holds the messages of
 * one tick.
 */
const MAX_ENTRIES = 100_000;

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

export class MailScript {
  readonly #redis: { rxFuturesPublish: PublishCommand };
  readonly #keys: Keys;
  readonly #server: string;
  readonly #refused: (error: Error) => void;

  /** `refused` is called with each refusal of Redis. */
  constructor(redis: Redis, keys: Keys, server: string, refused: (error: Error) => void) {
    this.#keys = keys;
    this.#server = server;
    this.#refused = refused;
    redis.defineCommand('rxFuturesPublish', { lua: PUBLISH });
    this.#redis = redis as unknown as { rxFuturesPublish: PublishCommand };
  }

  /** Returns for each start whether this server still holds the job. */
  async send({ client, outcomes, claimed, settled, text, starts, keep }: Mail): Promise<boolean[]> {
    const keys = [
      this.#keys.inbox(client),
      ...outcomes.map(({ id }) => this.#keys.outcome(id)),
      ...claimed.map((job) => this.#keys.job(job)),
      ...starts.flatMap(({ job }) => [this.#keys.job(job), this.#keys.lock(job)]),
      ...settled.map((id) => this.#keys.known(id)),
    ];
    const counts = [outcomes.length, claimed.length, starts.length];
    try {
      const answers = await this.#redis.rxFuturesPublish(
        keys.length,
        ...[...keys, keep, MAX_ENTRIES, text, this.#server, ...counts],
        ...outcomes.map((outcome) => outcome.text),
        ...starts.flatMap(({ token, count }) => [token, count]),
      );
      return answers.map((answer) => answer === 1);
    } catch (error) {
      if (isReply(error)) this.#refused(error as Error);
      throw error;
    }
  }
}
