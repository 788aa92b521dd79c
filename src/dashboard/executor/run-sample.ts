/**
 * Chooses the runs that a page draws. Up to a hundred runs between two frames, all of them are
 * drawn. Beyond, a part is drawn that halves each time the sample is full.
 *
 * All runs of a chain are drawn, or none: the choice depends on the id of the first run of the
 * chain.
 */
import { CELLS_PER_RUN, FULFILLED, type Runs } from '../frames.js';

/** Runs of one frame. A page that draws 60 s of them has 38,000 rectangles. */
const MAX_RUNS = 128;

/**
 * At least so many ids of drawn runs are kept, and at most twice as many, so that later runs of
 * their chains are drawn.
 */
const MIN_ROOTS = 2_048;

/** An odd number near 2^32 / phi. Its products distribute ids that follow a pattern. */
const GOLDEN = 0x9e3779b1;

/** A run that has ended. */
export interface EndedRun {
  readonly id: number;
  readonly name: string;
  readonly worker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attempt: number;
  readonly waited: number;
  readonly upstream: number;
  status: number;
}

export class RunSample {
  #seen = 0;
  /** One of 2^bits runs is drawn. */
  #bits = 0;
  #runs: EndedRun[] = [];
  /** The runs by id, from the first call of `mark` on: most frames have no failure to mark. */
  #byId: Map<number, EndedRun> | undefined;
  /** The id of the first run of its chain, by the id of a drawn run. */
  #roots = new Map<number, number>();
  /**
   * The roots before those. Both maps move on together. A single map from which the oldest entry
   * is deleted at each new one becomes slow, because it skips all entries that were deleted.
   */
  #olderRoots: ReadonlyMap<number, number> = new Map();

  /** Counts a run. Returns the id of the first run of its chain, or -1 if it is not drawn. */
  choose(id: number, upstream: number): number {
    this.#seen++;
    const known = upstream === 0 ? id : this.#rootOf(upstream);
    if (this.#bits === 0) return known ?? id;
    return known !== undefined && this.#isDrawn(known) ? known : -1;
  }

  /** Adds a run that `choose` has chosen. */
  add(run: EndedRun, root: number): void {
    this.#runs.push(run);
    this.#byId?.set(run.id, run);
    if (this.#roots.size >= MIN_ROOTS) {
      this.#olderRoots = this.#roots;
      this.#roots = new Map();
    }
    this.#roots.set(run.id, root);
    while (this.#runs.length > MAX_RUNS) this.#halve();
  }

  /** Sets how a run has ended. Returns false if it is not drawn, or ended before the last frame. */
  mark(id: number, status: number): boolean {
    this.#byId ??= new Map(this.#runs.map((run) => [run.id, run]));
    const run = this.#byId.get(id);
    if (run !== undefined) run.status = status;
    return run !== undefined;
  }

  /** Returns the runs since the last call. */
  take(base: number): Runs {
    const [tasks, workers] = [new Names(), new Names()];
    const cells: number[] = [];
    for (const run of this.#runs) {
      const { id, attempt, upstream, status } = run;
      cells.push(workers.indexOf(run.worker), tasks.indexOf(run.name));
      cells.push(hundredths(run.startedAt - base), hundredths(run.endedAt - base));
      cells.push(id, upstream, status, attempt, hundredths(run.waited));
    }
    const seen = this.#seen;
    this.#seen = 0;
    this.#runs = [];
    this.#byId = undefined;
    while (this.#bits > 0 && seen >> (this.#bits - 1) <= MAX_RUNS / 2) this.#bits--;
    return { seen, tasks: tasks.all, workers: workers.all, base, cells };
  }

  #rootOf(id: number): number | undefined {
    return this.#roots.get(id) ?? this.#olderRoots.get(id);
  }

  #isDrawn(root: number): boolean {
    return this.#bits === 0 || Math.imul(root, GOLDEN) >>> (32 - this.#bits) === 0;
  }

  #halve(): void {
    this.#bits++;
    this.#runs = this.#runs.filter(({ id }) => this.#isDrawn(this.#rootOf(id) ?? id));
    this.#byId = undefined;
  }
}

/** Returns the number of runs in the cells. */
export function drawnOf({ cells }: Runs): number {
  return cells.length / CELLS_PER_RUN;
}

/** The first status of a run. A failure is known after the end of the run. */
export const FIRST_STATUS = FULFILLED;

class Names {
  readonly all: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.all.push(name) - 1;
      this.#indexes.set(name, index);
    }
    return index;
  }
}

function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
