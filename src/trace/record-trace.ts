/** `recordTrace`: records the tasks of an executor, and writes them as a trace file. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Subscription } from 'rxjs';
import type { Executor } from '../executor.js';
import { type Checks, integer, show, validate } from '../util/validate.js';
import { Recorder } from './recorder.js';
import type { TraceEvent, TraceFile } from './trace-event.js';
import { startOf, writeEvents } from './write-events.js';

/** Options of {@link recordTrace}. */
export interface TraceOptions {
  /**
   * Maximum number of slices that are kept: runs of tasks, starts of workers, and moments of
   * workers and actors. Older ones are dropped, and `dropped` counts them. As many tasks that have
   * not settled are kept too.
   *
   * @default 100_000
   */
  readonly maxSlices?: number;
}

const checks: Checks<TraceOptions> = { maxSlices: integer(1) };

/**
 * Records what an executor does, for a viewer of traces: [Perfetto](https://ui.perfetto.dev), or
 * the panel "Performance" of the DevTools of Chrome.
 *
 * Use it to see which worker runs what, how long tasks wait, and which step of a chain is slow.
 *
 * ```ts
 * import { recordTrace } from 'rx-futures/trace';
 *
 * using recording = recordTrace(executor);
 * await fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse));
 * const slices = recording.toJSON().traceEvents.filter(({ cat, ph }) => cat === 'task' && ph === 'X');
 * console.log(slices.map(({ name }) => name));
 * // Output:
 * // [ 'fetchPage', 'parse' ]
 * ```
 *
 * Each worker is a thread, and each run of a task is a slice on it, with the name of the function.
 * A worker that runs several tasks at the same time has several rows. Waits are slices of their
 * own. Arrows join the steps of a chain. Failed, retried and cancelled runs are marked.
 *
 * The file contains names, ids, times and names of error classes. It contains no arguments, no
 * results and no error messages. The recording keeps at most `maxSlices` of them.
 *
 * @throws TypeError if `executor` is not an executor, or an option is unknown or has the wrong type
 * @throws RangeError if `maxSlices` is out of range
 */
export function recordTrace(executor: Executor<any>, options: TraceOptions = {}): TraceRecording {
  if (!isExecutor(executor)) {
    throw new TypeError(
      `recordTrace(executor): expected an Executor, got ${show(executor)}. Pass the executor whose tasks the trace is to show.`,
    );
  }
  validate('recordTrace()', options, checks);
  return new TraceRecording(executor, options.maxSlices ?? 100_000);
}

function isExecutor(value: any): boolean {
  return typeof value?.events?.subscribe === 'function' && typeof value.stats === 'function';
}

/** A recording, which continues until `stop()`. */
export class TraceRecording implements Disposable {
  readonly #executor: string;
  readonly #recorder: Recorder;
  readonly #subscription: Subscription;

  /** @internal */
  constructor(executor: Executor<any>, maxSlices: number) {
    this.#executor = executor.toJSON().name;
    this.#recorder = new Recorder(maxSlices);
    this.#subscription = executor.events.subscribe((event) => this.#recorder.record(event));
  }

  /** Number of slices that were dropped, because `maxSlices` was reached. */
  get dropped(): number {
    return this.#recorder.dropped;
  }

  /**
   * Ends the recording. Its slices are kept, and `save` still writes them. It ends by itself when
   * the executor has closed. Further calls have no effect.
   */
  stop(): void {
    this.#subscription.unsubscribe();
  }

  /** Calls {@link TraceRecording.stop}. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /**
   * Writes everything that is recorded to a file. The recording continues, so that a server can
   * save it many times. Tasks that still run end at this moment in the file.
   *
   * @throws Error (as a rejection) if the file can't be written
   */
  async save(path: string | URL): Promise<void> {
    const { events, otherData } = this.#read();
    const file = await open(path, 'w');
    try {
      await writeFile(file, events, otherData);
    } finally {
      await file.close();
    }
  }

  /** Returns the content of the file, for a program that keeps or sends it in its own way. */
  toJSON(): TraceFile {
    const { events, otherData } = this.#read();
    return { traceEvents: [...events], displayTimeUnit: 'ms', otherData };
  }

  #read(): { events: Iterable<TraceEvent>; otherData: TraceFile['otherData'] } {
    const recorded = this.#recorder.all();
    const start = recorded.length === 0 ? 0 : startOf(recorded);
    const executor = this.#executor;
    const events = writeEvents(recorded, { executor, pid: process.pid, start });
    return { events, otherData: { executor, start, dropped: this.dropped } };
  }
}

/** Number of events that are written to the file at once. The text of all of them may be large. */
const EVENTS_PER_WRITE = 1_000;

async function writeFile(
  file: FileHandle,
  events: Iterable<TraceEvent>,
  otherData: TraceFile['otherData'],
): Promise<void> {
  await file.write(`{"displayTimeUnit":"ms","otherData":${JSON.stringify(otherData)},"traceEvents":[`);
  let lines: string[] = [];
  let separator = '\n';
  const flush = async () => {
    await file.write(separator + lines.join(',\n'));
    separator = ',\n';
    lines = [];
  };
  for (const event of events) {
    lines.push(JSON.stringify(event));
    if (lines.length === EVENTS_PER_WRITE) await flush();
  }
  if (lines.length > 0) await flush();
  await file.write('\n]}\n');
}
