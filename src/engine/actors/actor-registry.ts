/** The actors of one executor: makes them, and ends them when the executor shuts down. */
import { isTransferred } from '../../protocol/transfer.js';
import type { Step } from '../../scheduling/job/job.js';
import type { ActorLane } from '../../scheduling/lanes/actor-lane.js';
import type { LaneWorker } from '../../scheduling/lanes/lane.js';
import type { Worker } from '../../scheduling/worker/worker.js';
import type { Engine } from '../engine.js';
import { classStep, methodStep } from '../handles/step.js';
import type { TaskOptions } from '../handles/task-options.js';
import { ActorEvents } from '../observe/actor-events.js';
import { captureForLater } from '../run/future-arguments.js';
import { holdShared } from '../sharing/shared.js';
import { ActorControl } from './actor-control.js';
import type { ActorOptions } from './actor-options.js';
import type { ActorPlan } from './actor-plan.js';

export class ActorRegistry {
  readonly events: ActorEvents;
  readonly #engine: Engine;
  readonly #all = new Set<ActorControl>();
  /** Steps by the names of their tasks, so that a function always has the same key. */
  readonly #steps = new Map<string, Step>();
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.events = new ActorEvents(engine.events);
  }

  /** The actors that have neither ended nor died. */
  get all(): Iterable<ActorControl> {
    return this.#all;
  }

  /**
   * Constructs an actor.
   *
   * @throws TypeError if the executor uses a queue, or if an argument can't be passed
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
   */
  make(className: string, args: readonly unknown[], options: ActorOptions): ActorControl {
    const engine = this.#engine;
    const refusal = engine.refusal();
    if (refusal !== undefined) throw refusal;
    if (!engine.traits.ownsWorkers) {
      throw new TypeError(
        `actors.${className}(): executor "${engine.name}" uses a queue, whose workers belong to other processes. Use an executor with its own workers, or keep the state in a database.`,
      );
    }
    const { restart = 0, concurrency = 1 } = options;
    refuseMoved(className, args, restart);
    // The last argument is for the worker, which removes it before it calls the constructor. If an
    // argument can't be passed, this line throws, so it comes before the shared values are held.
    const submit = captureForLater([...args, concurrency], engine, true);
    const id = ++this.#count;
    const plan: ActorPlan = {
      engine,
      id,
      name: `${className}-${id}`,
      construct: this.#step(`new ${className}`, (name) => classStep('construct', name, className)),
      dispose: this.#step(`end ${className}`, (name) => classStep('dispose', name, className)),
      release: holdShared(args, engine),
      restart,
      concurrency,
      options: constructorOptions(options),
    };
    const control = new ActorControl(plan, submit);
    this.#all.add(control);
    control.start();
    return control;
  }

  methodStep(className: string, method: string): Step {
    return this.#step(`${className}.${method}`, (name) => methodStep(name, method));
  }

  /** Called when an actor has ended or died. */
  delete(control: ActorControl): void {
    this.#all.delete(control);
  }

  /**
   * Called when the object of an actor exists. While it was constructed, its worker may have become
   * one that receives no more jobs.
   */
  constructed({ worker }: ActorLane): void {
    if (worker?.state === 'leaving') this.#engine.dispatcher.moveActors(worker as Worker);
  }

  /**
   * Called when an actor has left its worker, because the actor has ended. The worker may be
   * replaced now.
   */
  leftWorker(worker: LaneWorker): void {
    const { workforce } = this.#engine.dispatcher;
    workforce.freed(worker as Worker);
    this.#engine.dispatcher.schedule();
  }

  /** Submits the end of each actor. Returns false if there is none to submit. */
  endAll(): boolean {
    let hasSubmitted = false;
    for (const control of [...this.#all]) hasSubmitted = control.submitEnd() || hasSubmitted;
    return hasSubmitted;
  }

  #step(name: string, make: (name: string) => Step): Step {
    let step = this.#steps.get(name);
    if (step === undefined) {
      step = make(name);
      this.#steps.set(name, step);
    }
    return step;
  }
}

/**
 * Returns the options of a maker that apply to the constructor too. `retry` does not: the option
 * `restart` repeats the constructor.
 */
function constructorOptions({
  restart: _restart,
  concurrency: _concurrency,
  retry: _retry,
  highWaterMark: _highWaterMark,
  ...options
}: ActorOptions): TaskOptions {
  return options;
}

/** @throws TypeError if an argument can't be passed to a second constructor */
function refuseMoved(className: string, args: readonly unknown[], restart: number): void {
  const moved = restart === 0 ? -1 : args.findIndex(isTransferred);
  if (moved === -1) return;
  throw new TypeError(
    `actors.${className}(): argument ${moved + 1} is marked with transfer(), so it is gone when the option "restart" constructs the actor again. Pass the value itself, or remove "restart".`,
  );
}
