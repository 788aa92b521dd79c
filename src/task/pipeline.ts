/** `pipeline(a, b, c)`: one task made of several. */
import { makeTask, type Task, taskInfo } from './task.js';

/**
 * One task that runs several back to back, each on the value of the one before: on one worker, with nothing crossing threads
 * between them. The steps have no futures of their own; a step that fails is the failure of the whole.
 *
 * ```ts
 * const crawl = pipeline(fetchPage, parse, save);       // Task<[url: string], Receipt>
 * const receipt = await crawl('https://example.org');
 * ```
 *
 * Use it for steps that always go together. Where the values between them matter, use `pipe(chain(…))`.
 *
 * Options that `with` has given to the first task apply to the whole; those of the others are not used.
 *
 * @throws TypeError when an argument is no task, or the tasks belong to different executors
 */
export function pipeline<A extends unknown[], R1>(task1: Task<A, R1>): Task<A, R1>;
export function pipeline<A extends unknown[], R1, R2>(task1: Task<A, R1>, task2: Task<[R1], R2>): Task<A, R2>;
export function pipeline<A extends unknown[], R1, R2, R3>(
  task1: Task<A, R1>,
  task2: Task<[R1], R2>,
  task3: Task<[R2], R3>,
): Task<A, R3>;
export function pipeline<A extends unknown[], R1, R2, R3, R4>(
  task1: Task<A, R1>,
  task2: Task<[R1], R2>,
  task3: Task<[R2], R3>,
  task4: Task<[R3], R4>,
): Task<A, R4>;
export function pipeline<A extends unknown[], R1, R2, R3, R4, R5>(
  task1: Task<A, R1>,
  task2: Task<[R1], R2>,
  task3: Task<[R2], R3>,
  task4: Task<[R3], R4>,
  task5: Task<[R4], R5>,
): Task<A, R5>;
export function pipeline<A extends unknown[], R1, R2, R3, R4, R5, R6>(
  task1: Task<A, R1>,
  task2: Task<[R1], R2>,
  task3: Task<[R2], R3>,
  task4: Task<[R3], R4>,
  task5: Task<[R4], R5>,
  task6: Task<[R5], R6>,
): Task<A, R6>;
export function pipeline(...tasks: Task<any[], any>[]): Task<any[], any> {
  if (tasks.length === 0) throw new TypeError('pipeline(): expected one task or more');
  const infos = tasks.map((task, i) => {
    const info = taskInfo(task);
    if (info === undefined) {
      throw new TypeError(
        `pipeline(): expected tasks of an executor, as executor.tasks has them; argument ${i + 1} is ${describe(task)}`,
      );
    }
    return info;
  });
  const first = infos[0]!;
  const stranger = infos.find((info) => info.engine !== first.engine);
  if (stranger !== undefined) {
    throw new TypeError(
      `pipeline(): all tasks must belong to one executor, since they run on one worker; ${first.name} belongs to ${first.engine.name}, ${stranger.name} to ${stranger.engine.name}. Use pipe(chain(…)) across executors.`,
    );
  }
  return makeTask({
    engine: first.engine,
    steps: infos.flatMap((info) => info.steps),
    name: infos.map((info) => info.name).join(' → '),
    options: first.options,
  });
}

function describe(value: unknown): string {
  return typeof value === 'function' ? `the plain function ${value.name || '(anonymous)'}` : String(value);
}
