/**
 * Ends jobs that were cancelled before a server has claimed them. BullMQ then lists them as failed,
 * with the reason of the cancel.
 *
 * All jobs that are cancelled in one turn of the event loop share a command. A job has no name in
 * BullMQ's list of waiting jobs, so Redis searches the list for each of them.
 */
import type { Redis } from 'ioredis';
import { wallClock } from '#platform/time';
import { chunks } from '../../protocol/queue/chunks.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import { storedText } from '../../protocol/queue/outcomes.js';
import type { Keys } from '../stored/keys.js';

/** Maximum number of jobs in one command. Redis executes nothing else while a command runs. */
const MAX_JOBS = 500;
/**
 * Number of waiting jobs from which Redis rebuilds the list instead of searching it for each job.
 * To read and write the list costs as much as about 30 searches.
 */
const MAX_SEARCHES = 32;
/** Maximum length of the data of a cancelled job. Longer data is deleted, to free memory. */
const MAX_DATA = 65_536;
/** Maximum number of old failed jobs that one command removes. */
const MAX_OLD = 1_000;

/**
 * Moves jobs from the waiting ones to the failed ones, as BullMQ's own script does at the end of a
 * failed job. Ignores a job that a server has claimed.
 *
 * The first write needs no memory (ZREM, LREM or DEL), so that a cancel works when Redis is out of
 * memory. Redis checks the memory only before the first write of a script.
 *
 *     KEYS: wait, prioritized, failed, events, meta
 *     ARGV: the start of the keys of jobs, the time, the age (ms) at which failed jobs are removed,
 *           the time for which outcomes are kept (ms); then of each job: its id, the reason, the
 *           number of its futures; and of each future: the key of its outcome, the outcome, and the
 *           key of its note
 */
const CANCEL = `
local base, now, age, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local ended, listed, count = {}, {}, 0
local at = 5
while at <= #ARGV do
  local id = ARGV[at]
  local job = { id, ARGV[at + 1], at + 3, tonumber(ARGV[at + 2]) }
  at = at + 3 + 3 * job[4]
  if redis.call('EXISTS', base .. id .. ':lock') == 0 then
    if redis.call('ZREM', KEYS[2], id) == 1 then ended[#ended + 1] = job
    else
      listed[id] = job
      count = count + 1
    end
  end
end
if count > ${MAX_SEARCHES} then
  local found, rest = {}, {}
  for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    if listed[id] then found[#found + 1] = listed[id] else rest[#rest + 1] = id end
  end
  if #found > 0 then
    redis.call('DEL', KEYS[1])
    for from = 1, #rest, 1000 do redis.call('RPUSH', KEYS[1], unpack(rest, from, math.min(from + 999, #rest))) end
  end
  for _, job in ipairs(found) do ended[#ended + 1] = job end
else
  for id, job in pairs(listed) do
    if redis.call('LREM', KEYS[1], -1, id) == 1 then ended[#ended + 1] = job end
  end
end
if #ended == 0 then return 0 end
local most = redis.call('HGET', KEYS[5], 'opts.maxLenEvents') or 10000
for _, job in ipairs(ended) do
  local id, reason, first, futures = job[1], job[2], job[3], job[4]
  local key = base .. id
  if redis.call('EXISTS', key) == 1 then
    local size = redis.call('HSTRLEN', key, 'data')
    if size > ${MAX_DATA} then
      redis.call('HSET', key, 'data', '{"removed":"The data of this cancelled job had ' .. size .. ' bytes."}')
    end
    redis.call('HSET', key, 'failedReason', reason, 'finishedOn', now)
    redis.call('ZADD', KEYS[3], now, id)
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', most, '*', 'event', 'failed', 'jobId', id, 'failedReason', reason,
      'prev', 'waiting')
  end
  for i = first, first + 3 * (futures - 1), 3 do
    redis.call('SET', ARGV[i], ARGV[i + 1], 'PX', keep, 'NX')
    redis.call('DEL', ARGV[i + 2])
  end
end
local old = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', tonumber(now) - age, 'LIMIT', 0, ${MAX_OLD})
for _, id in ipairs(old) do
  redis.call('DEL', base .. id, base .. id .. ':logs')
  redis.call('ZREM', KEYS[3], id)
end
return #ended
`;

type CancelCommand = (...args: (string | number)[]) => Promise<number>;

export class Cancellations {
  readonly #redis: { rxFuturesCancel: CancelCommand };
  readonly #keys: Keys;
  /** Time in ms for which Redis keeps jobs and outcomes. */
  readonly #keep: number;
  /** The jobs of this turn, each as the arguments of the command. */
  #jobs: (string | number)[][] = [];
  /** Resolves when the jobs of this turn have ended. */
  #sending: Promise<void> | undefined;

  constructor(redis: Redis, keys: Keys, keep: number) {
    redis.defineCommand('rxFuturesCancel', { lua: CANCEL, numberOfKeys: 5 });
    this.#redis = redis as unknown as { rxFuturesCancel: CancelCommand };
    this.#keys = keys;
    this.#keep = keep;
  }

  /** Ends the job and stores its outcomes, unless a server has claimed the job. */
  add(job: string, outcomes: readonly OutcomeMessage[], why: string): Promise<void> {
    // With NX, a future that has just settled keeps its outcome.
    const futures = outcomes.flatMap((outcome) => [
      this.#keys.outcome(outcome.id),
      storedText(outcome),
      this.#keys.known(outcome.id),
    ]);
    this.#jobs.push([job, why, outcomes.length, ...futures]);
    this.#sending ??= Promise.resolve().then(() => this.#send());
    return this.#sending;
  }

  async #send(): Promise<void> {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.#sending = undefined;
    await Promise.all(Array.from(chunks(jobs, MAX_JOBS), (some) => this.#end(some)));
  }

  async #end(jobs: readonly (readonly (string | number)[])[]): Promise<void> {
    const { wait, prioritized, failed, events, meta } = this.#keys;
    // BullMQ removes finished jobs at the same age, which it counts in seconds.
    const age = Math.ceil(this.#keep / 1_000) * 1_000;
    const times = [Math.round(wallClock()), age, this.#keep];
    await this.#redis.rxFuturesCancel(
      ...[wait, prioritized, failed, events, meta, this.#keys.job('')],
      ...[...times, ...jobs.flat()],
    );
  }
}
