/** `map`: runs one task for each of many inputs, and emits the results as a stream. */
import type { Outcome } from '../future/outcome.js';
import { grouped } from '../stream/groups.js';
import { checkInput, type Input } from '../stream/input.js';
import { ResultStream, type Sink } from '../stream/result-stream.js';
import { boolean, type Checks, callback, integer, validate } from '../util/validate.js';
import type { Engine } from './engine.js';
import type { StreamFor } from './handles/task.js';
import type { TaskInfo } from './handles/task-info.js';
import { MapRun } from './map-run.js';
import { actorLaneOf, noKeyFor, noKeys } from './run/key.js';
import type { Shared } from './sharing/shared.js';

/** Options of `map`. `A` is the type of an input. */
export interface MapOptions<A = any> {
  /**
   * Maximum number of inputs in flight: waiting, running, or finished with a result that the reader
   * has not received.
   * @default adapts, from two per worker for long tasks to 4,096 in total for very short ones
   */
  readonly concurrency?: number;
  /**
   * Whether results are emitted in the order of the inputs. If false, each result is emitted as
   * soon as its task has settled.
   * @default true
   */
  readonly ordered?: boolean;
  /**
   * Whether the stream emits an {@link Outcome} for each input and continues after failures. If
   * false, the first failure ends the stream.
   * @default false
   */
  readonly settle?: boolean;
  /**
   * Returns the key of the task for an input. Tasks with the same key run one at a time, in the
   * order of their inputs, as with the option `key` of a task. If the function throws, or returns
   * neither a string nor a finite number, the item fails with that error.
   * @default the key of the task, if it has one
   */
  readonly key?: (input: A) => string | number;
}

const checks: Checks<MapOptions> = { concurrency: integer(1), ordered: boolean, settle: boolean, key: callback };

/**
 * The inputs of `map`. Each item may also be a promise, a Future or a Shared of the input. If the
 * parameter of the task is an AsyncIterable, each item may be any stream.
 */
export type MapInput<A> = Input<A | PromiseLike<A> | Shared<A> | StreamFor<A>>;

/** The type that `map` emits for each input. */
export type Mapped<R, O extends MapOptions> = 'settle' extends keyof O
  ? O['settle'] extends true
    ? Outcome<R>
    : O['settle'] extends false | undefined
      ? R
      : R | Outcome<R>
  : R;

/**
 * Creates the stream of a `map` call.
 *
 * @throws TypeError or RangeError if `inputs` or an option has a wrong type or value
 */
export function mapStream(
  engine: Engine,
  task: TaskInfo,
  inputs: Input<unknown>,
  options: MapOptions = {},
): ResultStream<any> {
  checkInput(inputs, 'map(task, inputs)', 'inputs');
  validate('map()', options, checks);
  const { concurrency, ordered = true, settle = false, key } = options;
  if (key !== undefined && !engine.traits.ownsWorkers) throw noKeys(engine.name, 'map()');
  if (key !== undefined && actorLaneOf(task.options) !== undefined) throw noKeyFor(task.name, 'map()');
  const name = `map(${task.name})`;
  const start = (sink: Sink<any>) => {
    const run = new MapRun(engine, task, { concurrency, ordered, settle, key }, sink);
    run.start(inputs);
    return run;
  };
  return new ResultStream<any>(grouped(name, settle, start), name);
}
