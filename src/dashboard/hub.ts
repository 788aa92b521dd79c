/**
 * Sends frames to all connected pages. The sources are open only while there is a page. All pages
 * receive the same text, so that a second page costs only its connection.
 */
import { randomUUID } from 'node:crypto';
import { performance as nodePerformance } from 'node:perf_hooks';
import { outside } from '#platform/context';
import { clearInterval, now, setInterval, type Timer, unref } from '#platform/time';
import { Recent } from '../util/recent.js';
import { drawnOf } from './executor/run-sample.js';
import {
  FRAME_MS,
  type Frame,
  type Hello,
  type Point,
  type ProcessRow,
  type Runs,
  type SourceFrame,
} from './frames.js';
import { GroupList } from './group-list.js';
import type { Source } from './source.js';

/** The tables change slowly for a reader, so they are part of each fifth frame. */
const FRAMES_PER_TABLES = 1_000 / FRAME_MS;
/** Two minutes of the charts. */
const MAX_POINTS = 120 * FRAMES_PER_TABLES;
/** Frames whose runs a new page receives: half a minute of the task stream. */
const MAX_FRAMES = 30 * FRAMES_PER_TABLES;
/** Runs that a new page receives. They are some 50 bytes each. */
const MAX_HELLO_RUNS = 4_000;

export interface Client {
  /** Sends an event. A client that is too slow may leave it out. */
  send(event: 'hello' | 'frame', data: string): void;
}

interface History {
  readonly points: Recent<Point>;
  readonly runs: Recent<Runs>;
}

export class Hub {
  readonly sources: readonly Source[];
  readonly #server = randomUUID();
  readonly #clients = new Set<Client>();
  readonly #groups = new GroupList();
  readonly #histories: readonly History[];
  #timer: Timer | undefined;
  #frames = 0;
  #loop = nodePerformance.eventLoopUtilization();

  constructor(sources: readonly Source[]) {
    this.sources = sources;
    this.#histories = sources.map(() => ({ points: new Recent(MAX_POINTS), runs: new Recent(MAX_FRAMES) }));
  }

  /** Number of pages that are connected. */
  get pages(): number {
    return this.#clients.size;
  }

  /** Adds a page. Returns a function that removes it. */
  join(client: Client): () => void {
    this.#clients.add(client);
    if (this.#timer === undefined) this.#open();
    client.send('hello', JSON.stringify(this.#hello()));
    return () => {
      if (this.#clients.delete(client) && this.#clients.size === 0) this.#close();
    };
  }

  async dispose(): Promise<void> {
    this.#clients.clear();
    this.#close();
    this.#groups.dispose();
    await Promise.all(this.sources.map((source) => source.dispose()));
  }

  #open(): void {
    for (const source of this.sources) source.open();
    this.#frames = 0;
    this.#loop = nodePerformance.eventLoopUtilization();
    this.#timer = outside(() => unref(setInterval(() => this.#tick(), FRAME_MS)));
  }

  #close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const source of this.sources) source.close();
  }

  #tick(): void {
    const isFull = this.#frames++ % FRAMES_PER_TABLES === 0;
    const at = now();
    const sources = this.sources.map((source) => source.frame(isFull));
    for (const [i, source] of sources.entries()) this.#remember(this.#histories[i]!, at, source);
    const frame: Frame = { at, sources, ...(isFull && { groups: this.#groups.rows(), process: this.#process() }) };
    const text = JSON.stringify(frame);
    for (const client of this.#clients) client.send('frame', text);
  }

  #remember({ points, runs }: History, at: number, { counts, runs: ended }: SourceFrame): void {
    const { queued, running, fulfilled, rejected, cancelled } = counts;
    points.add({ at, queued, running, done: fulfilled + rejected + cancelled, failed: rejected });
    if (ended.cells.length > 0) runs.add(ended);
  }

  #hello(): Hello {
    return {
      server: this.#server,
      sources: this.sources.map(({ name, failures }, i) => {
        const { points, runs } = this.#histories[i]!;
        return { name, failures, points: points.all(), runs: lastOf(runs.all()) };
      }),
    };
  }

  #process(): ProcessRow {
    const last = this.#loop;
    this.#loop = nodePerformance.eventLoopUtilization();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heap: heapUsed, loop: nodePerformance.eventLoopUtilization(this.#loop, last).utilization };
  }
}

/** Returns the last lists with at most MAX_HELLO_RUNS runs. */
function lastOf(lists: readonly Runs[]): readonly Runs[] {
  let left = MAX_HELLO_RUNS;
  let first = lists.length;
  while (first > 0 && left > 0) left -= drawnOf(lists[--first]!);
  return lists.slice(first);
}
