/**
 * The streams of one run: the arguments that its task reads, and where its own values go if another
 * task reads them.
 */
import type { HighWaterMark } from '../../protocol/messages.js';
import type { JobInput, JobOutput, JobStreams } from '../../scheduling/job/job.js';
import { ResultStream } from '../../stream/result-stream.js';
import { markOf } from '../handles/high-water-mark.js';
import type { TaskRun } from '../run/task-run.js';
import { CallerFeed } from './caller-feed.js';
import type { Feed, FeedTarget } from './feed.js';
import { isSpent, readBefore, type StreamArgument } from './stream-argument.js';
import { TaskFeed } from './task-feed.js';

/** A stream among the arguments, with the high-water mark that applies to it. */
export type RunInput = StreamArgument & { readonly mark: HighWaterMark };

export class RunStreams implements JobStreams {
  inputs: readonly RunInput[] | undefined = undefined;
  output: JobOutput | undefined = undefined;
  /** Another task waits for the values of this run. */
  isAwaited = false;
  /**
   * The lanes of the runs that wait for this one. If this run had one of these lanes, it would wait
   * for itself.
   */
  readers: readonly unknown[] = [];
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
    const { place, streams } = reader;
    this.isAwaited = true;
    this.readers = [...(place === undefined ? [] : [place.lane]), ...(streams?.readers ?? [])];
    const { run } = this;
    const { lane } = run.place ?? {};
    if (lane !== undefined && lane.actor === undefined && this.readers.includes(lane)) run.fail(sameKey(run, reader));
  }

  read(streams: readonly StreamArgument[]): void {
    const mark = markOf(this.run.task.options);
    this.inputs = streams.map((stream) => ({ ...stream, mark: stream.mark ?? mark }));
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

  /** Ends the sources, because this attempt has ended. The next one opens them anew. */
  leave(): void {
    if (this.#feeds.size === 0) return;
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    for (const feed of feeds) feed.leave();
  }
}

function sameKey({ name, task }: TaskRun, reader: TaskRun): TypeError {
  return new TypeError(
    `Stream "${name}" has the key ${JSON.stringify(task.options.key)} of its reader "${reader.name}", or of a stage behind it. Tasks of a key run one at a time, so both would wait forever. Give the stream another key, or none.`,
  );
}
