/**
 * Runs the plans of a job, each after Redis has noted that it begins. So when the machine is lost, what is not noted has not begun, and runs
 * elsewhere. A few are noted ahead, so that the threads need not wait for Redis: of each lost job, so many count as begun that may not have.
 */

/** ms of work that is noted ahead: some round trips to Redis. Quick plans are noted in groups of a third of that, and of so many at most. */
const AHEAD = 1;
const MOST = 24;
const PARTS = 3;
/** Weight of the newest plan in the average. */
const NEWEST = 0.1;

export interface Noted {
  readonly count: number;
  /** So many may begin at once. */
  readonly noted: number;
  /** False where the job is not this machine's any more. */
  note(begun: number): Promise<boolean>;
  /** False where what has not begun can't begin here. */
  mayBegin(): boolean;
  /** Resolves with the ms that its tasks took, without the time in which they waited for a thread. */
  run(index: number): Promise<number>;
}

export class Begins {
  readonly #places: number;
  /** Jobs of several plans that are here. */
  #jobs = 0;
  /** ms of a plan. */
  #pace = AHEAD;

  /** `places`: plans that run at a time. */
  constructor(places: number) {
    this.#places = places;
  }

  /** `lost` and `refused` tell why some have not begun. Resolves when all that has begun has ended. */
  async run({ count, noted, note, mayBegin, run }: Noted): Promise<'ended' | 'lost' | 'refused'> {
    const running: Promise<void>[] = [];
    let open = 0;
    let wake: (() => void) | undefined;
    let how: 'ended' | 'lost' | 'refused' = 'ended';
    const begin = (to: number): void => {
      while (running.length < to) {
        open++;
        const ended = run(running.length)
          .then((ms) => {
            this.#pace += NEWEST * (ms - this.#pace);
          })
          .finally(() => {
            open--;
            wake?.();
          });
        // It is awaited below.
        ended.catch(() => {});
        running.push(ended);
      }
    };
    begin(Math.min(noted, count));
    this.#jobs++;
    try {
      while (running.length < count) {
        const ahead = this.#ahead();
        const group = Math.max(1, Math.floor(ahead / PARTS));
        if (open > ahead - group) {
          await new Promise<void>((woken) => {
            wake = woken;
          });
          continue;
        }
        const to = Math.min(count, running.length + group);
        if (mayBegin() && !(await note(to))) how = 'lost';
        else if (!mayBegin()) how = 'refused';
        if (how !== 'ended') break;
        begin(to);
      }
    } finally {
      this.#jobs--;
    }
    await Promise.all(running);
    return how;
  }

  /** Plans of a job that are noted and have not ended: as many as its share of the places, one more, and what is quick beyond that. */
  #ahead(): number {
    const share = Math.ceil(this.#places / this.#jobs) + 1;
    return Math.max(share, Math.min(MOST, Math.round(AHEAD / this.#pace)));
  }
}
