/**
 * Notes that servers keep about a job, as fields of the job's hash. They are deleted with the job,
 * and scripts change them atomically.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type JobData, readJob } from '../../protocol/queue/job-data.js';
import type { EndedSteps, LostJob, LostJobNotes, Rules } from '../../protocol/queue/lost-jobs.js';
import { isInteger, isRecord } from '../../protocol/queue/untrusted.js';
import { isTemporary } from '../redis/redis-error.js';
import type { Keys } from './keys.js';

/**
 * Names of fields: the last server of the job, the number of trees that may have started, and the
 * used retries of a future.
 */
export const SERVER = 'futuresServer';
export const STARTED = 'futuresStarted';
const RETRIED = 'futuresRetried:';
/**
 * Start of a field's name; the id of a future with several steps follows. The field has the number
 * of finished steps and the value of the last one.
 */
const STEPS = 'futuresSteps:';
/** Field of BullMQ: the worker that has the job. Deleted when another worker finds the job lost. */
const PROCESSED_BY = 'pb';

/** Pause in ms before a refused command is sent again. */
const RETRY_PAUSE = 1_000;

/**
 * Writes notes about a job if this server still holds the job's lock. A server starts nothing that
 * it could not note.
 *
 * If Redis is out of memory, it refuses the first write that needs memory, unless an earlier
 * command of the script has written. PERSIST is that earlier command.
 *
 *     KEYS: the job, its lock
 *     ARGV: the token of the lock, then fields and values; a value that starts with + is added
 */
const NOTE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('PERSIST', KEYS[1])
for i = 2, #ARGV, 2 do
  if string.sub(ARGV[i + 1], 1, 1) == '+' then redis.call('HINCRBY', KEYS[1], ARGV[i], string.sub(ARGV[i + 1], 2))
  else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
return 1
`;

/**
 * Returns all fields of a job that no server holds, and how often its server was lost. Returns
 * nothing for a job that was never lost.
 *
 *     KEYS: the job, its lock, the list of the jobs that servers have claimed
 *     ARGV: the id of the job
 */
const LOSS = `
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
local times = tonumber(redis.call('HGET', KEYS[1], 'stc') or 0)
if redis.call('LPOS', KEYS[3], ARGV[1]) then times = times + 1 end
if times == 0 then return false end
return { times, redis.call('HGETALL', KEYS[1]) }
`;

type Note = (job: string, lock: string, token: string, ...fields: string[]) => Promise<number>;
type FindLoss = (job: string, lock: string, active: string, id: string) => Promise<[number, string[]] | null>;

type Noting = Redis & { rxFuturesNote: Note; rxFuturesLoss: FindLoss };

export class JobNotes {
  readonly #redis: Noting;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#keys = keys;
    redis.defineCommand('rxFuturesNote', { lua: NOTE, numberOfKeys: 2 });
    redis.defineCommand('rxFuturesLoss', { lua: LOSS, numberOfKeys: 3 });
    this.#redis = redis as Noting;
  }

  /** Notes that each of these futures uses one retry, because its run failed or was lost. */
  retry(job: string, token: string, ids: readonly number[]): Promise<boolean> {
    return this.#note(job, token, ...ids.flatMap((id) => [RETRIED + id, '+1']));
  }

  /** Notes that `ended` steps of a future have finished, and the value of the last one as text. */
  step(job: string, token: string, id: number, ended: number, value: string): Promise<boolean> {
    return this.#note(job, token, STEPS + id, `${ended}:${value}`);
  }

  async #note(job: string, token: string, ...fields: string[]): Promise<boolean> {
    const [key, lock] = [this.#keys.job(job), this.#keys.lock(job)];
    while (true) {
      try {
        return (await this.#redis.rxFuturesNote(key, lock, token, ...fields)) === 1;
      } catch (error) {
        if (!isTemporary(error)) throw error;
        await sleep(RETRY_PAUSE);
      }
    }
  }

  /** Returns the notes of a job that this server has taken over, or finds lost. */
  async of(job: string, { trees }: JobData, times: number): Promise<LostJobNotes> {
    const nodes = trees.flatMap((tree) => tree.nodes.filter(({ retry }) => retry !== undefined));
    const long = trees.flatMap((tree) => tree.nodes.filter(({ steps }) => steps.length > 1));
    const names = [SERVER, STARTED, ...nodes.map(({ id }) => RETRIED + id), ...long.map(({ id }) => STEPS + id)];
    const values = await this.#redis.hmget(this.#keys.job(job), ...names);
    return notesIn(new Map(names.map((name, i) => [name, values[i] ?? undefined])), times);
  }

  /**
   * Returns the job with its notes if it was lost. Returns undefined for a job that waits for its
   * first server, or that a server holds.
   *
   * @throws JobDataError if the job was not written by this library
   */
  async find(job: string): Promise<LostJob | undefined> {
    const { active } = this.#keys;
    const found = await this.#redis.rxFuturesLoss(this.#keys.job(job), this.#keys.lock(job), active, job);
    if (found === null) return undefined;
    const [times, cells] = found;
    const fields = new Map<string, string>();
    for (let i = 0; i < cells.length; i += 2) fields.set(cells[i]!, cells[i + 1]!);
    return { data: readJob(JSON.parse(fields.get('data') ?? 'null')), notes: notesIn(fields, times) };
  }

  async publish(rules: Rules): Promise<void> {
    await this.#redis.set(this.#keys.rules, JSON.stringify(rules));
  }

  /** Returns undefined if no server ever ran, or if another program has written the key. */
  async rules(): Promise<Rules | undefined> {
    const text = await this.#redis.get(this.#keys.rules);
    try {
      const rules: unknown = JSON.parse(text ?? 'null');
      if (!isRecord(rules)) return undefined;
      const { lostAfter, rerunLost } = rules;
      return isInteger(lostAfter, 1) && isInteger(rerunLost, 0) ? { lostAfter, rerunLost } : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Ignores invalid notes, because anyone may write to Redis. */
function notesIn(fields: ReadonlyMap<string, string | undefined>, times: number): LostJobNotes {
  const retried = new Map<number, number>();
  const steps = new Map<number, EndedSteps>();
  for (const [name, value] of fields) {
    const [, ended, text] = (name.startsWith(STEPS) && /^(\d+):(.*)$/s.exec(value ?? '')) || [];
    if (text !== undefined) steps.set(Number(name.slice(STEPS.length)), { count: count(ended), value: text });
    if (name.startsWith(RETRIED) && value !== undefined) retried.set(Number(name.slice(RETRIED.length)), count(value));
  }
  const server = fields.get(SERVER) ?? fields.get(PROCESSED_BY);
  return { times, started: count(fields.get(STARTED)), retried, steps, server };
}

function count(text: string | undefined): number {
  const number = Number(text ?? 0);
  return isInteger(number, 0) ? number : 0;
}
