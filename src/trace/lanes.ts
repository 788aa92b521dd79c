/**
 * Puts slices on rows so that no two slices of a row overlap. A viewer shows a row as a thread, on
 * which slices may only be nested. A worker with `concurrency` runs several tasks at the same time,
 * so it has several rows.
 */

/** A slice of a worker. Times are in microseconds. */
export interface Span {
  readonly worker: string;
  readonly start: number;
  readonly end: number;
}

export interface Placed {
  /** Number of the row, from 0 for each worker. */
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Overlap in us that is due to rounding. A time in ms since the epoch is a double, so it has steps
 * of 0.25 us.
 */
const ROUNDING_US = 1;
/** Shortest slice in us, a nanosecond. Arrows can't end at a slice of no length. */
const SHORTEST_US = 0.001;

/** Returns the place of each slice, in the order of the slices. */
export function place(spans: readonly Span[]): Placed[] {
  const placed = new Array<Placed>(spans.length);
  /** The ends of the rows of each worker. */
  const ends = new Map<string, number[]>();
  const order = spans.map((_, index) => index).sort((a, b) => spans[a]!.start - spans[b]!.start);
  for (const index of order) {
    const span = spans[index]!;
    const own = ends.get(span.worker) ?? [];
    ends.set(span.worker, own);
    const free = own.findIndex((last) => last <= span.start + ROUNDING_US);
    const row = free === -1 ? own.length : free;
    const start = Math.max(span.start, own[row] ?? span.start);
    const end = Math.max(span.end, start + SHORTEST_US);
    own[row] = end;
    placed[index] = { row, start, end };
  }
  return placed;
}
