/**
 * The streams of one run: the arguments that its task reads, and where its own values go if another
 * task reads them.
 */
import type { HighWaterMark } from '../../protocol/messages.js';
import type { JobInput, JobOutput, JobStreams } from '../../scheduling/job/job.js';
import type { JobLane } from '../../scheduling/job/place.js';
import { ResultStream } from '../../stream/result-stream.js';
import { markOf } from '../handles/high-water-mark.js';
import type { TaskRun } from '../run/task-run.js';
import { CallerFeed } from './caller-feed.js';
import type { Feed, FeedTarget } from './feed.js';
import { isSpent, readBefore, type StreamArgument } from './stream-argument.js';
import { TaskFeed } from './task-feed.js';
import { entersLane, leavesLane, watchStart } from './wait-cycle.js';

/** A stream among the arguments, with the high-water mark that applies to it. */
export type RunInput = StreamArgument & { readonly mark: HighWaterMark };

export class RunStreams implements JobStreams {
  inputs: readonly RunInput[] | undefined = undefined;
  output: JobOutput | undefined = undefined;
  /** Another task waits for the values of this run. */
  isAwaited = false;
  /** The run that reads the values of this one. */
  reader: TaskRun | undefined = undefined;
  /** The runs whose values this one reads, in the current attempt. */
  sources: readonly TaskRun[] = [];
  readonly run: TaskRun;
  /** Sources of the current attempt, by the numbers of the inputs on the worker. */
  readonly #feeds = new Map<number, Feed>();
  /** Inputs that the task has read, in any attempt. */
  readonly #read = new Set<JobInput>();

  constructor(run: TaskRun) {
    this.run = run;
  }

  /** Another task waits for this run, so this run is sent before those that nothing waits for. */
  awaitedBy({ run: reader }: FeedTarget): void {
    const { run } = this;
    const { streams } = reader;
    this.isAwaited = true;
    this.reader = reader;
    if (streams !== undefined) streams.sources = [...streams.sources.filter(({ future }) => !future.isSettled), run];
    const lane = run.place?.lane;
    if (lane?.concurrency === 1 && isReadIn(lane, reader)) run.fail(sameLane(run, reader));
    else {
      entersLane(run);
      watchStart(run);
    }
  }

  read(streams: readonly StreamArgument[]): void {
    const mark = markOf(this.run.task.options);
    this.inputs = streams.map((stream) => ({ ...stream, mark: stream.mark ?? mark }));
    entersLane(this.run);
  }

  /** True if the task may wait for a source of the caller, which has been asked for values. */
  get awaitsCaller(): boolean {
    for (const feed of this.#feeds.values()) if (feed instanceof CallerFeed && feed.hasRoom()) return true;
    return false;
  }

  /** Returns the error for another attempt; undefined if all streams can be read again. */
  refusal(cause: unknown): TypeError | undefined {
    for (const input of this.#read) {
      const { source, position } = input as RunInput;
      if (isSpent(source)) return readBefore(position, this.run.name, cause);
    }
    return undefined;
  }

  // ── JobStreams: called by the scheduler ────────────────────────────────────────────────────────

  inputOpened(position: number, number: number): void {
    const { run } = this;
    const input = this.inputs?.find((each) => each.position === position);
    if (input === undefined || run.worker === undefined || run.future.isSettled) return;
    this.#read.add(input);
    const target = { run, input, worker: run.worker, number };
    const { source } = input;
    const isOfTask = source instanceof ResultStream && source._mark !== undefined;
    const feed = isOfTask ? new TaskFeed(target, source) : new CallerFeed(target);
    this.#feeds.set(number, feed);
    feed.start();
  }

  inputRead(input: number, count: number): void {
    this.#feeds.get(input)?.granted(count);
  }

  inputLeft(input: number): void {
    const feed = this.#feeds.get(input);
    this.#feeds.delete(input);
    feed?.leave();
  }

  flows(): void {
    this.run.streamed([], 0, undefined);
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────

  /** Called when the future of the run has settled. */
  settled(): void {
    leavesLane(this.run);
    this.leave();
  }

  /** Ends the sources, because this attempt has ended. The next one opens them anew. */
  leave(): void {
    this.sources = [];
    if (this.#feeds.size === 0) return;
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    for (const feed of feeds) feed.leave();
  }
}

/** Returns true if a run, or one that reads its values in turn, is in the lane. */
function isReadIn(lane: JobLane, run: TaskRun | undefined): boolean {
  for (let reader = run; reader !== undefined; reader = reader.streams?.reader)
    if (reader.place?.lane === lane) return true;
  return false;
}

function sameLane({ name, place }: TaskRun, reader: TaskRun): TypeError {
  const { actor, key } = place!.lane;
  if (actor === undefined) {
    return new TypeError(
      `Stream "${name}" has the key ${JSON.stringify(key)} of its reader "${reader.name}", or of a stage behind it. Tasks of a key run one at a time, so both would wait forever. Give the stream another key, or none.`,
    );
  }
  return new TypeError(
    `Stream "${name}" belongs to the actor of its reader "${reader.name}", or of a stage behind it. The calls of actor "${actor.name}" run one at a time, so both would wait forever. Create the actor with concurrency: 2 or more, or read the values in the method itself.`,
  );
}
