/** Finds the task that a caller names: by a handle, by the name of an export, or by a function. */
import type { Step } from '../../scheduling/job/job.js';
import type { Engine } from '../engine.js';
import { refuseKeyOnQueue } from '../run/key.js';
import { exportStep, sourceStep } from './step.js';
import { taskInfo } from './task.js';
import { type TaskInfo, withDefaults } from './task-info.js';
import { checkTaskOptions, type TaskOptions } from './task-options.js';

export class TaskFinder {
  readonly #hasModule: boolean;
  /**
   * Steps by export name. All finders of one executor share the map, so that a function always has
   * the same key.
   */
  readonly #steps: Map<string, Step>;

  /**
   * @param hasModule false if the executor knows no exports, so that a name can't be a task
   * @param options apply to each task that is found
   */
  constructor(
    readonly engine: Engine,
    hasModule: boolean,
    readonly options: TaskOptions = {},
    steps = new Map<string, Step>(),
  ) {
    this.#hasModule = hasModule;
    this.#steps = steps;
  }

  /**
   * Returns a finder that adds `options` to each task.
   *
   * @throws TypeError if an option is unknown or has the wrong type, or if `key` is set on a queue
   * @throws RangeError if a number is out of range
   */
  with(options: TaskOptions): TaskFinder {
    const merged = { ...this.options, ...checkTaskOptions(options, 'with(options)') };
    refuseKeyOnQueue(this.engine, options, 'with(options)');
    return new TaskFinder(this.engine, this.#hasModule, merged, this.#steps);
  }

  /**
   * @param where the call, for error messages
   * @throws TypeError if `task` is not a task of this executor
   */
  find(task: unknown, where: string): TaskInfo {
    if (typeof task === 'string') return this.named(task);
    const info = taskInfo(task);
    if (info !== undefined) {
      if (info.engine === this.engine) return withDefaults(info, this.options);
      throw new TypeError(
        `${where}: task "${info.name}" belongs to executor "${info.engine.name}", not to executor "${this.engine.name}". Call the task directly, or use the handle in "tasks" of this executor.`,
      );
    }
    if (typeof task === 'function') return this.#source(task, where);
    throw new TypeError(
      `${where}: expected a task, the name of an export or a function, got ${task === null ? 'null' : typeof task}. Pass a task of executor.tasks.`,
    );
  }

  /**
   * Returns the task for an export of the task module. Whether the export exists is known only to
   * the worker.
   *
   * @throws TypeError if the executor has no task module
   */
  named(name: string): TaskInfo {
    if (!this.#hasModule) {
      throw new TypeError(
        `Executor "${this.engine.name}" has no task module, so it can't find the task "${name}". Set the "tasks" option: new Executor({ tasks: new URL('./tasks.js', import.meta.url) }).`,
      );
    }
    let step = this.#steps.get(name);
    if (step === undefined) {
      step = exportStep(name);
      this.#steps.set(name, step);
    }
    return { engine: this.engine, steps: [step], name, options: this.options };
  }

  #source(fn: Function, where: string): TaskInfo {
    if (!this.engine.traits.sendsFunctions) {
      throw new TypeError(
        `${where}: executor "${this.engine.name}" uses a queue, which can't send functions. Export ${fn.name === '' ? 'the function' : `"${fn.name}"`} from the task module and submit it by name.`,
      );
    }
    const step = sourceStep(fn);
    return { engine: this.engine, steps: [step], name: step.name, options: this.options };
  }
}
