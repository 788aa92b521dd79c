/** `pipeline(a, b, c)`: one task made of several. */
import { canJoin, makeTask, type Task, type TaskInfo, taskInfo } from './task.js';

/**
 * One task that runs several back to back, each on the value of the one before: on one worker, with nothing crossing threads
 * between them. The steps have no futures of their own; a step that fails is the failure of the whole.
 *
 * ```ts
 * const crawl = pipeline(fetchPage, parse, save); // Task<[url: string], string>
 * console.log(await crawl('data:,<h1>Tea</h1>'));
 * // Output:
 * // saved Tea
 * ```
 *
 * Use it for steps that always go together. Where the values between them matter, use `pipe(chain(…))`.
 *
 * Each task keeps its own `timeout` and `retry`, as in `pipe(chain(…))`: it is retried alone, with the value that the task before it returned.
 * The `signal` and `priority` of the first task apply to the whole. Options of the pipeline itself apply to each run in it: tasks without a
 * `timeout` and `retry` of their own share one run.
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
  const [run, ...more] = runsOf(infos);
  const name = tasks.map((task) => task.name).join(' → ');
  return makeTask(more.length === 0 ? run! : { ...run!, more }, name);
}

/** As few runs as the options of the tasks allow. */
function runsOf(infos: readonly TaskInfo[]): TaskInfo[] {
  const { signal, priority } = infos[0]!.options;
  const runs: TaskInfo[] = [];
  for (const info of infos.flatMap(({ more = [], ...first }): TaskInfo[] => [first, ...more])) {
    const next: TaskInfo = { ...info, options: { signal, priority, ...info.options } };
    const last = runs.at(-1);
    if (last !== undefined && canJoin(last, next)) runs[runs.length - 1] = join(last, next);
    else runs.push(next);
  }
  return runs;
}

function join(a: TaskInfo, b: TaskInfo): TaskInfo {
  return {
    engine: a.engine,
    steps: [...a.steps, ...b.steps],
    name: `${a.name} → ${b.name}`,
    options: { ...a.options, ...b.options },
  };
}

function describe(value: unknown): string {
  return typeof value === 'function' ? `the plain function ${value.name || '(anonymous)'}` : String(value);
}
