/** Counts the outcomes of one subscription, for `progress` and for bars. */
import { asyncScheduler, type Observable } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { ResultStream } from '../stream/result-stream.js';
import { Rate } from './rate.js';
import type { Progress } from './snapshot.js';

/** Counts outcomes. Its clock starts when the counter is created. */
export class ProgressCounter {
  readonly #started = asyncScheduler.now();
  readonly #rate = new Rate(this.#started);
  readonly #counts = { fulfilled: 0, rejected: 0, cancelled: 0 };
  readonly #totalOption: number | undefined;
  #totalOfSource: number | undefined;
  #done = 0;
  #now = this.#started;

  /** @param total the total if the user passed it; otherwise the source may supply it */
  constructor(total: number | undefined) {
    this.#totalOption = total;
  }

  /**
   * Returns the source. If the source is a ResultStream, it also reports its total to this counter.
   */
  of<T>(source: Observable<Outcome<T>>): Observable<Outcome<T>> {
    if (!(source instanceof ResultStream)) return source;
    return source._expecting((total) => {
      this.#totalOfSource = Math.max(total, this.#totalOfSource ?? 0);
    });
  }

  count({ status }: Pick<Outcome<unknown>, 'status'>): void {
    this.#done++;
    this.#counts[status]++;
    this.#rate.record(this.#tick());
  }

  /**
   * Returns the current progress. It changes without new outcomes, because the rate decays over
   * time.
   */
  snapshot(): Snapshot {
    const now = this.#tick();
    const done = this.#done;
    const known = this.#totalOption ?? this.#totalOfSource;
    // The total is never below `done`, even if the user's estimate was too low.
    const total = known === undefined ? undefined : Math.max(known, done);
    const rate = this.#rate.at(now);
    return {
      done,
      ...this.#counts,
      total,
      elapsed: now - this.#started,
      rate: rate * 1_000,
      eta: total === undefined ? undefined : timeFor(total - done, rate),
    };
  }

  /**
   * Returns the time of RxJS's clock, which the TestScheduler can replace. The result never
   * decreases, even if the system clock is set back.
   */
  #tick(): number {
    this.#now = Math.max(this.#now, asyncScheduler.now());
    return this.#now;
  }
}

export type Snapshot = Omit<Progress<unknown>, 'last'>;

function timeFor(left: number, rate: number): number | undefined {
  if (left === 0) return 0;
  return rate === 0 ? undefined : left / rate;
}
