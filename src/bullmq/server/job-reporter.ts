/**
 * Writes log lines, progress and the result of a running job for BullMQ's dashboards.
 *
 * All that a job reports within 500 ms is one command. The rest is written before BullMQ ends the
 * job, on the same connection.
 */
import { types } from 'node:util';
import type { Redis } from 'ioredis';
import { clearTimeout, wallClock } from '#platform/time';
import { after } from '#platform/timers';
import { plainCopy } from '../../protocol/queue/plain-json.js';
import type { JobReport } from '../../protocol/queue/transport.js';
import { kindOf, withArticle } from '../../util/format.js';
import type { ReportOptions } from '../options/report-options.js';
import type { Keys } from '../stored/keys.js';

/** Minimum time in ms between two commands about a job. */
const PAUSE = 500;
/** Maximum number of log lines of a job. Further lines replace the oldest. */
const MAX_LINES = 100;
/** Maximum length of a value as JSON, in characters. */
const MAX_VALUE = 1_000;

/**
 * Writes as BullMQ's scripts addLog and updateProgress do. Does nothing if the job is gone.
 *
 *     KEYS: the job, its logs, events, meta
 *     ARGV: the id of the job, its progress as JSON (empty: none), then the lines
 */
const REPORT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'progress', ARGV[2])
  local most = redis.call('HGET', KEYS[4], 'opts.maxLenEvents') or 10000
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', most, '*', 'event', 'progress', 'jobId', ARGV[1], 'data', ARGV[2])
end
if #ARGV > 2 then
  redis.call('RPUSH', KEYS[2], unpack(ARGV, 3))
  redis.call('LTRIM', KEYS[2], ${-MAX_LINES}, -1)
end
return 1
`;

type ReportCommand = (...args: string[]) => Promise<number>;

export class JobReporter {
  readonly #redis: { rxFuturesReport: ReportCommand };
  readonly #keys: Keys;
  readonly #options: ReportOptions;

  constructor(redis: Redis, keys: Keys, options: ReportOptions) {
    redis.defineCommand('rxFuturesReport', { lua: REPORT, numberOfKeys: 4 });
    this.#redis = redis as unknown as { rxFuturesReport: ReportCommand };
    this.#keys = keys;
    this.#options = options;
  }

  open(job: string): OpenReport {
    const { events, meta } = this.#keys;
    const write = (progress: string, lines: readonly string[]) => {
      const key = this.#keys.job(job);
      // A report that Redis refuses is lost. It must not fail the job.
      this.#redis.rxFuturesReport(key, `${key}:logs`, events, meta, job, progress, ...lines).catch(() => {});
    };
    return new OpenReport(this.#options, write);
  }
}

/** The report of one job. */
export class OpenReport implements JobReport {
  readonly log?: (line: string) => void;
  readonly progress?: (value: unknown) => void;
  readonly results?: (values: readonly unknown[]) => void;
  /** The return value of the job. */
  result: unknown;
  readonly #write: (progress: string, lines: readonly string[]) => void;
  #progress = '';
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ logs, progress, results }: ReportOptions, write: (progress: string, lines: readonly string[]) => void) {
    this.#write = write;
    if (logs) {
      this.log = (line) => {
        // biome-ignore lint/style/noRestrictedGlobals: it formats a time, and reads no clock
        const time = new Date(wallClock()).toISOString();
        this.#lines.push(`${time} ${line}`);
        if (this.#lines.length > MAX_LINES) this.#lines.shift();
        this.#schedule();
      };
    }
    if (progress) {
      this.progress = (value) => {
        this.#progress = JSON.stringify(shown(value));
        this.#schedule();
      };
    }
    if (results) {
      this.results = (values) => {
        const results = values.map((value) => (value === undefined ? null : value));
        this.result = shown(results.length === 1 ? results[0] : results);
      };
    }
  }

  /** Writes the rest. */
  close(): void {
    clearTimeout(this.#timer);
    this.#flush();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#flush();
    this.#timer = after(PAUSE, () => {
      this.#timer = undefined;
      if (this.#progress !== '' || this.#lines.length > 0) this.#schedule();
    }).unref();
  }

  #flush(): void {
    if (this.#progress === '' && this.#lines.length === 0) return;
    this.#write(this.#progress, this.#lines);
    this.#progress = '';
    this.#lines = [];
  }
}

/** Returns the value if it is short JSON, and otherwise a short text about it. */
export function shown(value: unknown): unknown {
  const [plain] = plainCopy([value]) ?? [];
  if (plain === undefined) return describe(value);
  const { length } = JSON.stringify(plain);
  return length <= MAX_VALUE ? plain : `${describe(value)} (${length} characters of JSON)`;
}

/** Describes a value that JSON can't express, or that is too large. Reads none of its parts. */
function describe(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length} items`;
  if (value instanceof Map || value instanceof Set) return `${withArticle(kindOf(value))} of ${value.size} items`;
  if (types.isDate(value)) return String(value.toJSON());
  return withArticle(kindOf(value));
}
