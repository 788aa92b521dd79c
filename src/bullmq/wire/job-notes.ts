/** What machines note of a job in its hash, beside what BullMQ keeps there: it is there as long as the job is, and as atomic. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { isPassing } from '../redis/redis-error.js';
import { type JobData, readJob } from './job-data.js';
import type { Keys } from './keys.js';
import type { EndedSteps, Loss, Rules } from './lost-jobs.js';
import { isInteger, isRecord } from './untrusted.js';

/** Fields: the machine that took the job last; how many of its plans may have begun; and the retries of a future. */
export const SERVER = 'futuresMachine';
export const BEGUN = 'futuresBegun';
const RETRIED = 'futuresRetried:';
/** Of a future that has several steps: how many have ended, and the value of the last of them. */
const STEPS = 'futuresSteps:';
/** BullMQ's own: the worker that has it. Gone when another one finds it lost. */
const PROCESSED_BY = 'pb';

/** ms after which Redis is asked again for what it has refused. */
const AGAIN = 1_000;

/**
 * Notes something of a job, if the lock of the job is still this machine's. What a machine is not allowed to note, it does not begin.
 *
 * Redis that is out of memory refuses the first write that needs some, unless a command before it in the script has written.
 *
 *     KEYS: the job, its lock
 *     ARGV: the token of the lock, then fields and values; a value that begins with + is added
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
 * A job that no machine has: all of its fields, and how many machines it was lost with. Nothing for one that was never lost.
 *
 *     KEYS: the job, its lock, the list of jobs that machines have
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

/** A job that was lost. */
export interface Found {
  readonly data: JobData;
  readonly loss: Loss;
}

export class JobNotes {
  readonly #redis: Noting;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#keys = keys;
    redis.defineCommand('rxFuturesNote', { lua: NOTE, numberOfKeys: 2 });
    redis.defineCommand('rxFuturesLoss', { lua: LOSS, numberOfKeys: 3 });
    this.#redis = redis as Noting;
  }

  /** Runs of these futures have failed, or were lost, and each takes one of its retries. */
  retry(job: string, token: string, ids: readonly number[]): Promise<boolean> {
    return this.#note(job, token, ...ids.flatMap((id) => [RETRIED + id, '+1']));
  }

  /** So many steps of a future have ended, the last of them with this value, as text. */
  step(job: string, token: string, id: number, ended: number, value: string): Promise<boolean> {
    return this.#note(job, token, STEPS + id, `${ended}:${value}`);
  }

  async #note(job: string, token: string, ...fields: string[]): Promise<boolean> {
    const [key, lock] = [this.#keys.job(job), this.#keys.lock(job)];
    while (true) {
      try {
        return (await this.#redis.rxFuturesNote(key, lock, token, ...fields)) === 1;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(AGAIN);
      }
    }
  }

  /** Of a job that this machine has taken over, or finds lost. */
  async of(job: string, { trees }: JobData, times: number): Promise<Loss> {
    const nodes = trees.flatMap((tree) => tree.nodes.filter(({ retry }) => retry !== undefined));
    const long = trees.flatMap((tree) => tree.nodes.filter(({ steps }) => steps.length > 1));
    const names = [SERVER, BEGUN, ...nodes.map(({ id }) => RETRIED + id), ...long.map(({ id }) => STEPS + id)];
    const values = await this.#redis.hmget(this.#keys.job(job), ...names);
    return lossIn(new Map(names.map((name, i) => [name, values[i] ?? undefined])), times);
  }

  /**
   * What a client finds of a job. Undefined for one that waits for its first machine, or that a machine has.
   *
   * @throws PlanError for what is no job of ours
   */
  async find(job: string): Promise<Found | undefined> {
    const { active } = this.#keys;
    const found = await this.#redis.rxFuturesLoss(this.#keys.job(job), this.#keys.lock(job), active, job);
    if (found === null) return undefined;
    const [times, cells] = found;
    const fields = new Map<string, string>();
    for (let i = 0; i < cells.length; i += 2) fields.set(cells[i]!, cells[i + 1]!);
    return { data: readJob(JSON.parse(fields.get('data') ?? 'null')), loss: lossIn(fields, times) };
  }

  async publish(rules: Rules): Promise<void> {
    await this.#redis.set(this.#keys.rules, JSON.stringify(rules));
  }

  /** Undefined where no machine was ever there, or somebody else has written there. */
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

/** Anybody may write there. */
function lossIn(fields: ReadonlyMap<string, string | undefined>, times: number): Loss {
  const retried = new Map<number, number>();
  const steps = new Map<number, EndedSteps>();
  for (const [name, value] of fields) {
    const [, ended, text] = (name.startsWith(STEPS) && /^(\d+):(.*)$/s.exec(value ?? '')) || [];
    if (text !== undefined) steps.set(Number(name.slice(STEPS.length)), { count: count(ended), value: text });
    if (name.startsWith(RETRIED) && value !== undefined) retried.set(Number(name.slice(RETRIED.length)), count(value));
  }
  const server = fields.get(SERVER) ?? fields.get(PROCESSED_BY);
  return { times, started: count(fields.get(BEGUN)), retried, steps, server };
}

function count(text: string | undefined): number {
  const number = Number(text ?? 0);
  return isInteger(number, 0) ? number : 0;
}
