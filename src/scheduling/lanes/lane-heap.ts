/**
 * Lanes whose next job may be sent, in the order of those jobs: highest priority first, then first
 * come, first served. Adding and removing take O(log n), and constant time in most programs.
 *
 * The priorities and ids of the heap are in arrays of their own. A comparison of two lanes would
 * read two objects, which are rarely in the cache of the processor if there are thousands of keys.
 */

/**
 * The rank of a job, or of the first unsent job of a lane. A higher priority comes first, then a
 * lower id.
 */
export interface Rank {
  readonly priority: number;
  /** The id of the job. */
  readonly order: number;
}

/** A lane, as far as its heap needs it. */
export interface Ranked extends Rank {
  /** The heap that contains the lane. Only the heap writes it. */
  heap: LaneHeap<any> | undefined;
  /** Index in the heap, or `~index` in the sorted list. Only the heap writes it. */
  index: number;
}

/** Number of gaps that the sorted list may keep, however few lanes there are. */
const MAX_GAPS = 64;

export class LaneHeap<L extends Ranked> {
  /**
   * A sorted list of lanes, with gaps for those that were removed. Most lanes are added behind all
   * others, because the ids of their jobs ascend. Adding a lane to the end of a list takes constant
   * time.
   */
  #sorted: (L | undefined)[] = [];
  /**
   * Index of the first entry of the sorted list that may be a lane. All entries before it are gaps.
   */
  #start = 0;
  #sortedSize = 0;
  /** Rank of the last lane that was added to the sorted list. */
  #lastPriority = 0;
  #lastOrder = 0;
  /**
   * All other lanes, as a binary heap. Each of them was before the lane that had been added to the
   * sorted list last. This other lane may be gone by now, because only its rank is compared.
   */
  readonly #lanes: L[] = [];
  readonly #priorities: number[] = [];
  readonly #orders: number[] = [];

  get size(): number {
    return this.#sortedSize + this.#lanes.length;
  }

  /** The lane whose job comes first. */
  get first(): L | undefined {
    const top = this.#lanes[0];
    if (this.#sortedSize === 0) return top;
    while (this.#sorted[this.#start] === undefined) this.#start++;
    const next = this.#sorted[this.#start]!;
    return top !== undefined && isBefore(top, next) ? top : next;
  }

  /** Adds a lane. Its `priority` and `order` must not change while it is here. */
  add(lane: L): void {
    lane.heap = this;
    if (this.#sortedSize === 0 || this.#isBehindSorted(lane)) {
      this.#append(lane);
      return;
    }
    this.#lanes.push(lane);
    this.#priorities.push(lane.priority);
    this.#orders.push(lane.order);
    this.#rise(lane, this.#lanes.length - 1);
  }

  remove(lane: L): void {
    const { index } = lane;
    lane.heap = undefined;
    lane.index = -1;
    if (index < 0) {
      this.#sorted[~index] = undefined;
      this.#sortedSize--;
      return;
    }
    const last = this.#lanes.pop()!;
    this.#priorities.pop();
    this.#orders.pop();
    if (last === lane) return;
    if (index > 0 && this.#isBehind((index - 1) >> 1, last)) this.#rise(last, index);
    else this.#sink(last, index);
  }

  *[Symbol.iterator](): Iterator<L> {
    for (const lane of this.#sorted) if (lane !== undefined) yield lane;
    yield* this.#lanes;
  }

  #isBehindSorted({ priority, order }: L): boolean {
    return priority === this.#lastPriority ? order > this.#lastOrder : priority < this.#lastPriority;
  }

  #append(lane: L): void {
    if (this.#sorted.length > MAX_GAPS && this.#sorted.length > 2 * this.#sortedSize) {
      this.#sorted = this.#sorted.filter((other) => other !== undefined);
      this.#start = 0;
      for (let i = 0; i < this.#sorted.length; i++) this.#sorted[i]!.index = ~i;
    }
    lane.index = ~this.#sorted.length;
    this.#sorted.push(lane);
    this.#sortedSize++;
    this.#lastPriority = lane.priority;
    this.#lastOrder = lane.order;
  }

  #rise(lane: L, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#isBehind(above, lane)) break;
      this.#move(above, index);
      index = above;
    }
    this.#put(lane, index);
  }

  #sink(lane: L, from: number): void {
    const { length } = this.#lanes;
    let index = from;
    for (let below = 2 * index + 1; below < length; below = 2 * index + 1) {
      if (below + 1 < length && this.#isBefore(below + 1, below)) below++;
      if (this.#isBehind(below, lane)) break;
      this.#move(below, index);
      index = below;
    }
    this.#put(lane, index);
  }

  #isBefore(a: number, b: number): boolean {
    const priority = this.#priorities[a]!;
    const other = this.#priorities[b]!;
    return priority === other ? this.#orders[a]! < this.#orders[b]! : priority > other;
  }

  /** Returns true if the lane at `index` comes after `lane`. */
  #isBehind(index: number, lane: L): boolean {
    const priority = this.#priorities[index]!;
    return priority === lane.priority ? this.#orders[index]! > lane.order : priority < lane.priority;
  }

  #move(from: number, to: number): void {
    const lane = this.#lanes[from]!;
    this.#lanes[to] = lane;
    this.#priorities[to] = this.#priorities[from]!;
    this.#orders[to] = this.#orders[from]!;
    lane.index = to;
  }

  #put(lane: L, index: number): void {
    this.#lanes[index] = lane;
    this.#priorities[index] = lane.priority;
    this.#orders[index] = lane.order;
    lane.index = index;
  }
}

export function isBefore(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
