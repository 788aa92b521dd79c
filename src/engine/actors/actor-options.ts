/** The options of an actor, and their checks. */
import { type Checks, integerOrInfinity, validate } from '../../util/validate.js';
import { type TaskOptions, taskChecks } from '../handles/task-options.js';

/**
 * Options of an actor, passed to `with(options)` before the call that makes it. The options of
 * tasks apply to each call. `signal`, `timeout`, `deadline`, `terminateAfter`, `context` and
 * `priority` apply to the constructor too.
 *
 * ```ts
 * const counter = executor.actors.Counter.with({ restart: 3, timeout: 1_000 })(10);
 * console.log(await counter.add(5));
 * // Output:
 * // 15
 * ```
 */
export interface ActorOptions extends Omit<TaskOptions, 'key'> {
  /**
   * How often the actor is constructed again, with the same arguments, if its worker ends. Its
   * state is then that of a new object, and `events` emits `actor-restarted`. Calls that had not
   * started run on the new object. Calls that had started reject with an ActorDiedError.
   *
   * If the worker is being replaced and waits for its tasks, the actor is constructed elsewhere at
   * once. Calls that had started finish on the former object, which exists until its worker ends.
   * @default 0: the actor dies with its worker, and all calls reject with an ActorDiedError
   */
  readonly restart?: number;
  /**
   * Maximum number of calls that run at the same time. Above 1, a call starts while others wait for
   * something. The option `concurrency` of the executor does not apply to actors.
   * @default 1
   */
  readonly concurrency?: number;
}

const { key: _key, ...callChecks } = taskChecks;

const checks: Checks<ActorOptions> = {
  ...callChecks,
  restart: integerOrInfinity(0),
  concurrency: integerOrInfinity(1),
};

/**
 * @throws TypeError if an option is unknown or has a wrong type
 * @throws RangeError if a number is out of range
 */
export function checkActorOptions(options: ActorOptions): ActorOptions {
  validate('with(options)', options, checks);
  return options;
}
