/**
 * Keeps the order of priorities across BullMQ's two places for jobs that wait.
 *
 * BullMQ runs all jobs of its list `wait` before those of its sorted set `prioritized`. A task
 * without a priority is in the list, so that dashboards show it under "Waiting". The order is
 * right until a task with a positive priority waits. The queue is then ranked: tasks without a
 * priority belong into the set too, at a priority in the middle.
 *
 * A queue is ranked for an hour after its last task with a positive priority. It is also ranked
 * for as long as such a task, or a task at the middle priority, waits.
 */
import type { Redis } from 'ioredis';
import { JOB_PREFIX } from '../../protocol/queue/job-id.js';
import type { Keys } from './keys.js';
import { DEFAULT } from './priority.js';

/**
 * Time in ms for which a queue stays ranked. Each switch moves all jobs that wait, and a program
 * that uses priorities uses them again.
 */
const RANKED_FOR = 3_600_000;
/** BullMQ's score of a job is its priority times this number, plus a counter. */
const LEVEL = 2 ** 32;

/**
 * Moves the jobs of this library from the list to the set if the queue is ranked. Costs a constant
 * time if the list is empty, or the queue is not ranked. Jobs of other programs stay in the list.
 *
 * The jobs keep their order. A job that a server has returned or lost precedes its level, as in
 * BullMQ's own script for returned jobs.
 *
 *     KEYS: ranked, wait, prioritized, BullMQ's counter of prioritized jobs
 *     ARGV: the time for which the queue becomes ranked (0: only checks), the first score behind
 *           the middle priority, the middle priority, the start of the keys of jobs, the start of
 *           the ids of this library
 *     Returns 1 if the queue is ranked, and otherwise 0.
 */
const RANK = `
if ARGV[1] ~= '0' then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
elseif redis.call('EXISTS', KEYS[1]) == 0 and redis.call('ZCOUNT', KEYS[3], '-inf', '(' .. ARGV[2]) == 0 then return 0 end
local ids = redis.call('LRANGE', KEYS[2], 0, -1)
local ours, others = {}, {}
for i = #ids, 1, -1 do
  local id = ids[i]
  local fields = string.sub(id, 1, #ARGV[5]) == ARGV[5] and redis.call('HMGET', ARGV[4] .. id, 'priority', 'ats')
  if fields and fields[1] then ours[#ours + 1] = { id, tonumber(fields[1]), tonumber(fields[2] or 0) }
  else others[#others + 1] = id end
end
if #ours == 0 then return 1 end
redis.call('DEL', KEYS[2])
for _, id in ipairs(others) do redis.call('LPUSH', KEYS[2], id) end
local counter = redis.call('INCRBY', KEYS[4], #ours) - #ours
for i, job in ipairs(ours) do
  local id, priority, claims = job[1], job[2], job[3]
  if priority == 0 then
    priority = tonumber(ARGV[3])
    redis.call('HSET', ARGV[4] .. id, 'priority', ARGV[3])
  end
  local place = claims > 0 and 0 or (counter + i) % ${LEVEL}
  redis.call('ZADD', KEYS[3], priority * ${LEVEL} + place, id)
end
return 1
`;

type RankCommand = (...args: (string | number)[]) => Promise<number>;

export class Ranking {
  readonly #redis: { rxFuturesRank: RankCommand };
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    redis.defineCommand('rxFuturesRank', { lua: RANK, numberOfKeys: 4 });
    this.#redis = redis as unknown as { rxFuturesRank: RankCommand };
    this.#keys = keys;
  }

  /** Makes the queue ranked. Called before a task with a positive priority is added. */
  async rank(): Promise<void> {
    await this.#run(RANKED_FOR);
  }

  /** Returns true if the queue is ranked. Its jobs are in their right places then. */
  async check(): Promise<boolean> {
    return (await this.#run(0)) === 1;
  }

  #run(time: number): Promise<number> {
    const { ranked, wait, prioritized, counter } = this.#keys;
    const scores = [(DEFAULT + 1) * LEVEL, DEFAULT];
    return this.#redis.rxFuturesRank(
      ranked,
      wait,
      prioritized,
      counter,
      time,
      ...scores,
      this.#keys.job(''),
      JOB_PREFIX,
    );
  }
}
