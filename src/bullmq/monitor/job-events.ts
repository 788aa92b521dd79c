/** Reads the events of BullMQ: which jobs of the queue have ended. */
import type { Redis } from 'ioredis';
import type { Keys } from '../stored/keys.js';

/** Events that are read at a time. BullMQ keeps the last 10,000. */
const MAX_EVENTS = 10_000;

export class JobEvents {
  readonly #redis: Redis;
  readonly #keys: Keys;
  /** Id of the last event that was read. Undefined: the next call only finds the last one. */
  #last: string | undefined;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Leaves out all events until the next call of `ended`. */
  skip(): void {
    this.#last = undefined;
  }

  /** Returns the ids of the jobs that have ended since the last call. */
  async ended(): Promise<string[]> {
    const { events } = this.#keys;
    if (this.#last === undefined) {
      const [last] = await this.#redis.xrevrange(events, '+', '-', 'COUNT', 1);
      this.#last = last?.[0] ?? '0-0';
      return [];
    }
    const found = await this.#redis.xrange(events, `(${this.#last}`, '+', 'COUNT', MAX_EVENTS);
    this.#last = found.at(-1)?.[0] ?? this.#last;
    return found.flatMap(([, fields]) => {
      const [event, job] = [valueIn(fields, 'event'), valueIn(fields, 'jobId')];
      return job !== undefined && (event === 'completed' || event === 'failed') ? [job] : [];
    });
  }
}

function valueIn(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}
