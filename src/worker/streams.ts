/**
 * Runs tasks that return many values: iterates the result of a task for as long as there is credit.
 *
 * The life of a stream:
 *
 *   1. The stream starts with some credit. Each emitted value uses one, and the bytes of all values
 *      that were not read are limited too.
 *   2. Without credit, or at the limit of bytes, the stream pauses, and its concurrency slot is
 *      free for other tasks. The main thread grants new credit as the reader reads values.
 *   3. The stream ends by itself, by an error of its source, or because its reader has left. In the
 *      last case, the task's signal is aborted, and `return()` of its iterator is called, so that
 *      the `finally` of a generator runs. The job is reported after the last value.
 *   4. An error from outside of the source (a timer of the task has thrown, or a value can't be
 *      sent) rejects the future at once. For the source it is as if the reader had left.
 */
import type { HighWaterMark } from '../protocol/messages.js';
import { Stream } from './stream.js';
import { failStream, type StreamHost } from './stream-host.js';
import { sourceOf } from './stream-source.js';
import type { TaskContext } from './task-context.js';

export class Streams {
  readonly #host: StreamHost;
  /**
   * Streams by slot. Ids would not be unique, because a run and its retry have the same future. The
   * first run may still be ending when the second one has started.
   */
  readonly #running = new Map<number, Stream>();

  constructor(host: StreamHost) {
    this.#host = host;
  }

  /** Emits the values of a task's result. Settles when the stream has ended. */
  run(task: TaskContext, mark: HighWaterMark, result: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = new Stream(task, sourceOf(result), mark, this.#host, (failure) => {
        if (this.#running.get(task.slot) === stream) this.#running.delete(task.slot);
        if (failure === undefined) resolve();
        else reject(failure.error);
      });
      this.#running.set(task.slot, stream);
      // The reader may have left before the task returned.
      if (task.isAborted) stream.leave();
      else stream.go();
    });
  }

  /**
   * Adds credit to a stream. `id` is the id of the stream's future, because the slot may have been
   * assigned to another job meanwhile.
   */
  credit(slot: number, id: number, count: number): void {
    const stream = this.#running.get(slot);
    if (stream?.id === id) stream.addCredit(count);
  }

  /** Ends a stream whose reader has left. */
  leave(slot: number): void {
    this.#running.get(slot)?.leave();
  }

  /**
   * Rejects the future of a stream at once, with an error that was thrown outside of its source.
   * Its job is reported after its cleanup.
   */
  fail(task: TaskContext, error: unknown): void {
    const stream = this.#running.get(task.slot);
    if (stream !== undefined) stream.fail(error);
    // The task has not returned its generator yet. The generator is left as soon as it arrives.
    else if (!task.isAborted) failStream(this.#host.post, task, error);
  }

  /** Sends the collected values of all streams, because the thread ends. */
  flush(): void {
    for (const stream of this.#running.values()) stream.flush();
  }
}
