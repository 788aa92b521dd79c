/** Actors as users see them: objects on a worker, whose methods are tasks. */
import { Future } from '../../future/future.js';
import type { Engine } from '../engine.js';
import { type FutureArgs, makeTask, type Task, type TaskOf } from '../handles/task.js';
import { makeHandles, printedAs, type ReservedName, summaryOf } from '../handles/task-handles.js';
import type { TaskOptions } from '../handles/task-options.js';
import { ofActor } from '../run/key.js';
import type { ActorControl } from './actor-control.js';
import { type ActorOptions, checkActorOptions } from './actor-options.js';
import type { ActorState } from './actor-state.js';

/**
 * An object of an exported class, which lives on one worker. Each public method of the class is a
 * {@link Task}: a call returns a Future. Methods that are generators have `stream`. Properties and
 * getters stay on the worker.
 *
 * ```ts
 * // tasks.ts: export class Counter { constructor(start: number) …; add(n: number): number … }
 * await using counter = executor.actors.Counter(10); // Actor<Counter>
 * console.log(await counter.add(5), await counter.add(1), Actor.state(counter));
 * // Output:
 * // 15 16 alive
 * ```
 *
 * The calls run in submission order, one at a time. An actor lives until `Actor.end(actor)`, the
 * end of an `await using` block, or the end of its executor. It is not ended when it is
 * garbage-collected. It belongs to this process, so it can't be passed to a task.
 *
 * Names that JavaScript and tools call on any object (`then`, `toString`, `toJSON` …) have no
 * handle. A call of `then` rejects with a TypeError.
 */
export type Actor<T extends object> = {
  readonly [K in keyof T as K extends ReservedName ? never : MethodName<T, K>]: TaskOf<T[K]>;
} & AnyActor;

declare const brand: unique symbol;

/** An actor of any class. */
export interface AnyActor extends AsyncDisposable {
  /** Only a type, without a value, so that no other object is taken for an actor. */
  readonly [brand]: true;
}

/** `K` if the class has a public method of that name, else `never`. */
type MethodName<T, K extends keyof T> = K extends string
  ? T[K] extends (...args: never[]) => unknown
    ? K
    : never
  : never;

/** Makes actors of one class: `executor.actors.Counter`. */
export interface ActorMaker<A extends unknown[], T extends object> {
  /**
   * Constructs an actor with these arguments, as `new` does. The arguments are copied by this call,
   * as those of a task. If the constructor throws, every call rejects with that error.
   *
   * @throws TypeError if the executor uses a queue, or if a Shared or a stream can't be passed.
   *   Also for `transfer()` with the option `restart`
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
   */
  (...args: FutureArgs<A>): Actor<T>;
  /**
   * Returns the same maker with `options` applied to each actor.
   * @throws TypeError or RangeError if an option is wrong
   */
  with(options: ActorOptions): ActorMaker<A, T>;
  /** The name of the class. */
  readonly name: string;
}

/** The makers of a module: one for each exported class. */
export type Actors<M extends object> = {
  readonly [K in keyof M as K extends ReservedName ? never : ExportedClass<M, K>]: ActorMakerOf<M[K]>;
};

/** `K` if the module exports a class named `K` that can be constructed, else `never`. */
type ExportedClass<M, K extends keyof M> = M[K] extends new (...args: never[]) => object ? K : never;

/** The type of the maker for a class. */
export type ActorMakerOf<C> = 0 extends 1 & C
  ? ActorMaker<any[], any>
  : C extends new (
        ...args: infer A
      ) => infer T
    ? T extends object
      ? ActorMaker<A, T>
      : never
    : never;

const controls = new WeakMap<object, ActorControl>();

/**
 * Functions for actors. They are not methods of an actor, because its class may have any methods.
 */
export const Actor = Object.freeze({
  /**
   * Returns the state of an actor.
   *
   * - `starting`: its constructor has not finished. Calls wait.
   * - `alive`: its object exists.
   * - `ended`: it was ended, and its object was disposed of.
   * - `dead`: it has lost its worker, or its constructor has failed. All calls reject.
   *
   * @throws TypeError if the value is not an actor
   */
  state(actor: AnyActor): ActorState {
    return controlOf(actor, 'Actor.state(actor)').state;
  },

  /**
   * Ends an actor after the calls that were submitted before. Then it calls `Symbol.asyncDispose`
   * or `Symbol.dispose` of the object, if its class has one. Later calls reject with an
   * ActorDiedError. Resolves when the object was disposed of, and at once if the actor is dead.
   *
   * @throws TypeError if the value is not an actor
   * @throws the error of the disposal (as a rejection), or an ActorDiedError if the worker ended
   *   before
   */
  end(actor: AnyActor): Promise<void> {
    return controlOf(actor, 'Actor.end(actor)').end();
  },
});

function controlOf(actor: unknown, where: string): ActorControl {
  const control = controls.get(actor as object);
  if (control !== undefined) return control;
  throw new TypeError(
    `${where}: expected an actor, got ${typeof actor}. Pass what executor.actors.<Class>() has returned.`,
  );
}

/** Returns `executor.actors`. `check` throws if the executor has no task module. */
export function makeMakers<M extends object>(engine: Engine, check: (className: string) => void): Actors<M> {
  const summary = summaryOf('Actors', engine.name, () => ({ executor: engine.name }));
  return makeHandles(summary, (name) => {
    check(name);
    return makeMaker(engine, name, {});
  }) as Actors<M>;
}

function makeMaker(engine: Engine, className: string, options: ActorOptions): ActorMaker<any[], any> {
  const maker = (...args: unknown[]) =>
    makeActor(engine, className, engine.actors.make(className, args, options), options);
  Object.defineProperty(maker, 'name', { value: className });
  Object.setPrototypeOf(maker, printable);
  return Object.assign(maker, {
    with: (added: ActorOptions) => makeMaker(engine, className, { ...options, ...checkActorOptions(added) }),
  }) as unknown as ActorMaker<any[], any>;
}

function makeActor(engine: Engine, className: string, control: ActorControl, given: ActorOptions): Actor<any> {
  const { restart: _restart, concurrency: _concurrency, ...callOptions } = given;
  const options: TaskOptions = ofActor(control.lane, callOptions);
  const summary = summaryOf('Actor', control.name, () => ({ name: control.name, state: control.state }));
  Object.defineProperty(summary, Symbol.asyncDispose, { value: () => control.end() });
  const then = refusedThen(control.name, () => actor);
  Object.defineProperty(summary, 'then', { get: then });
  const actor = makeHandles(summary, (method) => {
    const step = engine.actors.methodStep(className, method);
    return makeTask({ engine, steps: [step], name: step.name, options });
  }) as Actor<any>;
  controls.set(actor, control);
  return actor;
}

/**
 * Returns a getter of `then`. Without it, a program that calls a method named `then` would not
 * learn why there is none.
 *
 * `await actor` calls `then` with two functions. The first one receives the actor and reads `then`
 * of it again. The getter then returns undefined, so the actor itself is the result.
 */
function refusedThen(name: string, self: () => object): () => unknown {
  let isAwaited = false;
  const then = (resolve?: unknown): unknown => {
    if (typeof resolve !== 'function') {
      return Future.reject(
        new TypeError(
          `Actor "${name}": a method named "then" can't be called, because "await" calls it on any object. Rename the method.`,
        ),
      );
    }
    isAwaited = true;
    try {
      resolve(self());
    } finally {
      isAwaited = false;
    }
    return undefined;
  };
  return () => (isAwaited ? undefined : then);
}

const printable = printedAs('ActorMaker');
