/** Arguments that are streams: which values count as streams, and where they may be passed. */
import { type Context, here } from '#platform/context';
import type { HighWaterMark } from '../../protocol/messages.js';
import { misuse } from '../../protocol/misuse.js';
import { isOneShot } from '../../protocol/stream/stream-like.js';
import type { JobInput } from '../../scheduling/job/job.js';
import { ResultStream } from '../../stream/result-stream.js';
import type { Engine } from '../engine.js';

/** A stream among the arguments of a call. */
export interface StreamArgument extends Omit<JobInput, 'mark'> {
  readonly source: object;
  /** Undefined if the high-water mark of the reader applies. */
  readonly mark: HighWaterMark | undefined;
  /** The async context of the call, in which the source runs. */
  readonly context: Context;
}

/**
 * @throws TypeError if the executor uses a queue
 */
export function streamAt(source: object, position: number, engine: Engine): StreamArgument {
  if (!engine.traits.ownsWorkers) {
    throw misuse(
      `arguments[${position}] is a stream, but executor "${engine.name}" uses a queue, whose servers can't read from this process. Pass the values as an array, or submit a task for each of them.`,
    );
  }
  const mark = source instanceof ResultStream ? source._mark : undefined;
  return { source, position, mark, context: here() };
}

/** Streams that have had a reader and give no values to a second one. */
const spent = new WeakSet<object>();

/** Returns true if the stream can't be read, because it was read before. */
export function isSpent(source: object): boolean {
  return spent.has(source);
}

/** Records that a stream has a reader. */
export function spend(source: object): void {
  if (isOneShot(source)) spent.add(source);
}

export function readBefore(position: number, task: string, cause?: unknown): TypeError {
  return new TypeError(
    `arguments[${position}] of task "${task}" was read before, and can be read only once. Pass an object with a method [Symbol.asyncIterator] that starts anew, an Observable, or the stream of a task.`,
    cause === undefined ? undefined : { cause },
  );
}
