/** `pipeline(a, b, c)`: combines several tasks into one. */
import type { PipelineLimit } from '../run/deadline.js';
import { makeTask, type Task, taskInfo } from './task.js';
import { canJoin, type TaskInfo } from './task-info.js';

/**
 * Combines several tasks into one task, which runs them back to back on one worker. Each task
 * receives the value of the one before it. No value crosses threads between them. If a task fails,
 * the whole pipeline fails with the same error.
 *
 * Use `pipeline` for steps that always belong together. If you need the values between them, use
 * `pipe(chain(…))`, because the steps of a pipeline have no futures of their own.
 *
 * ```ts
 * const crawl = pipeline(fetchPage, parse, save); // Task<[url: string], string>
 * console.log(await crawl('data:,<h1>Tea</h1>'));
 * // Output:
 * // saved Tea
 * ```
 *
 * Each task keeps its own `timeout`, `deadline`, `terminateAfter` and `retry`, as in
 * `pipe(chain(…))`. A task is retried alone, with the value that the task before it returned. The
 * `signal`, `priority` and `key` of the first task apply to the whole pipeline. Options of the
 * pipeline itself apply to each run in it, but its `deadline` limits all of them together. Tasks
 * without such options of their own share one run.
 *
 * @throws TypeError if an argument is not a task, or if the tasks belong to different executors
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
  if (tasks.length === 0)
    throw new TypeError('pipeline(): expected one task or more, got none. Pass tasks, such as executor.tasks.parse.');
  const infos = tasks.map((task, i) => {
    const info = taskInfo(task);
    if (info === undefined) {
      throw new TypeError(
        `pipeline(): argument ${i + 1} is not a task but ${describe(task)}. Pass tasks of an executor, such as executor.tasks.parse.`,
      );
    }
    return info;
  });
  const first = infos[0]!;
  const stranger = infos.find((info) => info.engine !== first.engine);
  if (stranger !== undefined) {
    throw new TypeError(
      `pipeline(): all tasks must belong to one executor, but "${first.name}" belongs to "${first.engine.name}" and "${stranger.name}" to "${stranger.engine.name}". Use pipe(chain(…)) across executors.`,
    );
  }
  const { runs, limits } = runsOf(infos);
  const [run, ...more] = runs;
  const name = tasks.map((task) => task.name).join(' → ');
  return makeTask(more.length === 0 ? run! : { ...run!, more, ...(limits.length > 0 && { limits }) }, name);
}

/**
 * Groups the tasks into as few runs as their options allow. The runs of a pipeline with a deadline
 * stay apart from their neighbours, because the deadline counts from the start of its first run.
 */
function runsOf(infos: readonly TaskInfo[]): { runs: TaskInfo[]; limits: PipelineLimit[] } {
  const { signal, priority, key } = infos[0]!.options;
  const runs: TaskInfo[] = [];
  const limits: PipelineLimit[] = [];
  let isClosed = false;
  for (const { more = [], limits: own = [], ...first } of infos) {
    const start = runs.length;
    for (const run of [first, ...more]) {
      const next: TaskInfo = { ...run, options: { signal, priority, key, ...run.options } };
      const last = runs.at(-1);
      const mayJoin = own.length === 0 && !isClosed && last !== undefined;
      if (mayJoin && canJoin(last, next)) runs[runs.length - 1] = join(last, next);
      else runs.push(next);
      isClosed = own.length > 0;
    }
    limits.push(...own.map(({ from, to, ms }) => ({ from: start + from, to: start + to, ms })));
  }
  return { runs, limits };
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
  return typeof value === 'function' ? `the plain function "${value.name || 'anonymous'}"` : String(value);
}
