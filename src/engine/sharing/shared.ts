/** The handle of a shared value, which users pass to tasks. */
import type { Observable } from 'rxjs';
import { misuse } from '../../protocol/misuse.js';
import { isShared, SHARED_MARK } from '../../protocol/shared-mark.js';
import type { SharedArgument, SharedData } from '../../scheduling/job/shared-data.js';
import type { Engine } from '../engine.js';

declare const valueType: unique symbol;

/** A shared value and the executor that it belongs to. */
export interface SharedOrigin {
  readonly data: SharedData;
  readonly engine: Engine;
  /**
   * The uses of this value as an argument, by the position of the argument. Each use is in a list
   * of its own. All calls with the value at that position have the same list, so that a call
   * creates none.
   */
  readonly uses: (readonly [SharedUse] | undefined)[];
}

/** A shared value among the arguments of a call. */
export interface SharedUse extends SharedArgument {
  /** Kept, so that the value is not collected while a stream may still need it. */
  readonly handle: object;
}

/** The type of a value that can be shared: any but a stream, which one task reads. */
export type Shareable<T> = T extends AsyncIterable<unknown> | Observable<unknown> ? never : T;

let create: (origin: SharedOrigin) => Shared<any>;
let read: (shared: object) => SharedOrigin | undefined;

/**
 * A value that many tasks read, as `executor.share` returns it. Pass it instead of the value.
 * Each worker receives the value once, and all tasks on the worker get the same object.
 *
 * ```ts
 * using primes = executor.share([2, 3, 5, 7]); // Shared<number[]>
 * const includes = (list: number[], n: number) => list.includes(n);
 * console.log(await all([executor.submit(includes, primes, 5), executor.submit(includes, primes, 6)]));
 * // Output:
 * // [ true, false ]
 * ```
 *
 * A Shared belongs to the executor that made it. It is an argument of its own, and can't be a part
 * of another value. If it is garbage-collected, it is disposed of.
 */
export class Shared<T> implements Disposable {
  /**
   * Only a type, without a value. Without a member of type T, a Shared of one type would be
   * assignable to a Shared of any other.
   */
  declare readonly [valueType]: T;
  /** Number of the value, which is unique in this process. */
  readonly id: number;
  /** Name of the value in errors, such as `shared-1`. */
  readonly name: string;
  /**
   * Frees the value on this thread and on all workers, after the tasks that use it have settled. To
   * pass it to a task later is a TypeError. May be called again.
   */
  // An own property that is a function, so that no copy of a Shared can be made. Otherwise a Shared
  // inside a larger value would arrive as a plain object, without an error.
  readonly dispose: () => void;
  readonly #origin: SharedOrigin;

  static {
    create = (origin) => new Shared(origin);
    read = (shared) => (#origin in shared ? shared.#origin : undefined);
  }

  private constructor(origin: SharedOrigin) {
    const { data } = origin;
    this.id = data.id;
    this.name = data.name;
    this.#origin = origin;
    this.dispose = () => data.dispose();
    uncollected.register(this, data);
  }

  /** Calls {@link Shared.dispose}, so that `using` disposes of the value. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Returns text such as `Shared { shared-1 }`. */
  toString(): string {
    return `Shared { ${this.name} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns a summary for loggers. */
  toJSON(): { id: number; name: string } {
    return { id: this.id, name: this.name };
  }
}

Object.defineProperty(Shared.prototype, SHARED_MARK, { value: true });

/** Disposes of a value whose handle was collected, because no task can receive it any more. */
const uncollected = new FinalizationRegistry<SharedData>((data) => data.dispose());

export function makeShared(origin: SharedOrigin): Shared<any> {
  return create(origin);
}

/**
 * Returns the use of a shared value that is the argument at `position`, as a list with this use
 * alone.
 *
 * @throws TypeError if it belongs to another executor, or was disposed of
 */
export function useAt(shared: { readonly name: string }, engine: Engine, position: number): readonly [SharedUse] {
  const { uses, data } = passable(shared, engine);
  let use = uses[position];
  if (use === undefined) {
    use = [{ position, data, handle: shared }];
    uses[position] = use;
  }
  return use;
}

function passable(shared: { readonly name: string }, engine: Engine): SharedOrigin {
  // A Shared of another copy of this library has no origin here.
  const origin = read(shared);
  if (origin?.engine !== engine) {
    const owner = origin === undefined ? 'another copy of rx-futures' : `executor "${origin.engine.name}"`;
    throw misuse(
      `Shared "${shared.name}" belongs to ${owner}, and can't be passed to a task of executor "${engine.name}". Call share(value) of the executor that runs the task.`,
    );
  }
  if (origin.data.isDisposed) throw disposed(origin.data);
  return origin;
}

/**
 * Keeps the shared values among the arguments of a call until the returned function is called. The
 * function may be called again.
 */
export function holdShared(args: readonly unknown[], engine: Engine): () => void {
  const held = args.filter(isShared).map((shared) => passable(shared, engine).data);
  for (const data of held) data.use();
  return () => {
    for (const data of held.splice(0)) data.release();
  };
}

/** Returns the error for a value that is passed too late. */
export function disposed({ name }: SharedData): TypeError {
  return misuse(
    `Shared "${name}" was disposed of, so it can't be passed to a task. Call dispose() after the last call that needs the value, or share the value again.`,
  );
}
