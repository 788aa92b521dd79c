/**
 * The functions that jobs of actors call, each with its actor as `this`.
 */
import { TaskNotFoundError } from '../../errors.js';
import type { Actor } from './actor.js';

type AnyFunction = (...args: any[]) => unknown;
type ActorFunction = (this: Actor, ...args: any[]) => unknown;

/**
 * Returns a function that constructs the object of an actor. The last argument is the concurrency
 * of the actor. Returns whether the object must be disposed of.
 */
export function constructorOf(classOf: () => AnyFunction): ActorFunction {
  return function (this: Actor, ...args: unknown[]) {
    this.concurrency = args.pop() as number;
    this.object = Reflect.construct(classOf(), args) as object;
    return disposerOf(this.object) !== undefined;
  };
}

/** Returns a function that calls a method of the object of an actor. */
export function methodOf(name: string): ActorFunction {
  return function (this: Actor, ...args: unknown[]) {
    const object = this.object as Record<string, unknown>;
    const method = object[name];
    if (typeof method !== 'function') throw noMethod(object, name, method);
    return Reflect.apply(method, object, args);
  };
}

/** Ends an actor: disposes of its object, if its class has a method for that. */
export async function dispose(this: Actor): Promise<void> {
  const { object } = this;
  this.actors.delete(this.id);
  this.object = undefined;
  if (object !== undefined) await disposerOf(object)?.();
}

function disposerOf(object: object): (() => unknown) | undefined {
  for (const symbol of [Symbol.asyncDispose, Symbol.dispose] as (symbol | undefined)[]) {
    const method = symbol && (object as Record<symbol, unknown>)[symbol];
    if (typeof method === 'function') return () => Reflect.apply(method, object, []);
  }
  return undefined;
}

function noMethod(object: object, name: string, found: unknown): TaskNotFoundError {
  const className = classNameOf(object);
  const methods = methodsOf(object);
  const there = methods.length > 0 ? `It has: ${methods.join(', ')}.` : 'It has no methods.';
  const what = found === undefined ? `has no method "${name}"` : `has "${name}" as ${typeof found}, not as a method`;
  return new TaskNotFoundError(`Class "${className}" ${what}. ${there} Correct the name, or add the method.`, {
    module: className,
    task: name,
    exports: methods,
  });
}

export function classNameOf(object: object | undefined): string {
  return object?.constructor?.name || 'Object';
}

function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
  }
  return [...names].sort();
}
