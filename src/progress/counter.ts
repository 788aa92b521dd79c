/** Counts the outcomes of one run: what `progress` tells after each of them, and a bar at any moment. */
import { asyncScheduler, type Observable } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { ResultStream } from '../stream/result-stream.js';
import { show } from '../util/validate.js';
import { Rate } from './rate.js';
import type { Progress } from './snapshot.js';

/** Its clock starts when it is made. */
export class ProgressCounter {
  readonly #started = asyncScheduler.now();
  readonly #pace = new Rate(this.#started);
  readonly #counts = { fulfilled: 0, rejected: 0, cancelled: 0 };
  readonly #given: number | undefined;
  #expected: number | undefined;
  #done = 0;
  #now = this.#started;

  /** @param total where the user knows it; otherwise the source may tell */
  constructor(total: number | undefined) {
    this.#given = total;
  }

  /** The source, which tells how much is to be counted if it knows. */
  of<T>(source: Observable<Outcome<T>>): Observable<Outcome<T>> {
    if (!(source instanceof ResultStream)) return source;
    return source._expecting((total) => {
      this.#expected = Math.max(total, this.#expected ?? 0);
    });
  }

  count({ status }: Pick<Outcome<unknown>, 'status'>): void {
    this.#done++;
    this.#counts[status]++;
    this.#pace.record(this.#tick());
  }

  /** How things stand now, which also without a new outcome is not how they stood before. */
  standing(): Standing {
    const now = this.#tick();
    const done = this.#done;
    const known = this.#given ?? this.#expected;
    // Where the user guessed too low, all that is done is still no more than all of it.
    const total = known === undefined ? undefined : Math.max(known, done);
    const rate = this.#pace.at(now);
    return {
      done,
      ...this.#counts,
      total,
      elapsed: now - this.#started,
      rate: rate * 1_000,
      eta: total === undefined ? undefined : timeFor(total - done, rate),
    };
  }

  /** RxJS's clock, which its TestScheduler can replace. It must not go back here when somebody sets that of the machine. */
  #tick(): number {
    this.#now = Math.max(this.#now, asyncScheduler.now());
    return this.#now;
  }
}

export type Standing = Omit<Progress<unknown>, 'last'>;

/** @throws RangeError when it is no count */
export function checkTotal(total: number | undefined, where: string): void {
  if (total === undefined || (Number.isInteger(total) && total >= 0)) return;
  throw new RangeError(`${where}: total: expected an integer, 0 or more, got ${show(total)}`);
}

function timeFor(left: number, rate: number): number | undefined {
  if (left === 0) return 0;
  return rate === 0 ? undefined : left / rate;
}
