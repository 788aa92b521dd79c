/** The functions that a session can run, by the key under which main speaks of them. */
import { TaskNotFoundError } from '../errors.js';
import { messageOf } from '../protocol/clone-fault.js';
import { stackOf } from '../protocol/error-text.js';
import type { FunctionDefinition } from '../protocol/messages.js';
import type { Namespace } from './load-module.js';

export type AnyFunction = (...args: unknown[]) => unknown;

/** A function and how long it takes, as far as this worker knows. */
export interface KnownFunction {
  readonly name: string;
  readonly fn: AnyFunction;
  /** ms that its synchronous part took at the worst, lately; Infinity before the first run. */
  slowest: number;
  /** It gave no promise when it last ran. */
  isSync: boolean;
}

export class Functions {
  readonly #definitions = new Map<number, FunctionDefinition>();
  readonly #known: KnownFunction[] = [];
  #namespace: Namespace = {};
  #module = '';

  /** Where exports are looked up from now on. */
  useModule(namespace: Namespace, url: string): void {
    this.#namespace = namespace;
    this.#module = url;
  }

  define(definitions: readonly FunctionDefinition[]): void {
    for (const definition of definitions) this.#definitions.set(definition.key, definition);
  }

  /** ms; Infinity for a function that has not run here. */
  slowest(key: number): number {
    return this.#known[key]?.slowest ?? Number.POSITIVE_INFINITY;
  }

  /** @throws TaskNotFoundError, or what is wrong with the text of a self-contained function */
  get(key: number): KnownFunction {
    return this.#known[key] ?? this.#resolve(key);
  }

  #resolve(key: number): KnownFunction {
    const definition = this.#definitions.get(key);
    if (definition === undefined) throw new Error(`Function ${key} was never defined on this worker.`);
    const fn =
      definition.kind === 'export' ? this.exported(definition.name) : compile(definition.text, definition.name);
    const known = { name: definition.name, fn, slowest: Number.POSITIVE_INFINITY, isSync: false };
    this.#known[key] = known;
    return known;
  }

  exported(name: string): AnyFunction {
    const all = new Map([...Object.entries(commonJs(this.#namespace)), ...Object.entries(this.#namespace)]);
    const found = all.get(name);
    if (typeof found === 'function') return found as AnyFunction;
    const exports = [...all.keys()].filter((other) => typeof all.get(other) === 'function').sort();
    const there = exports.length > 0 ? `It exports: ${exports.join(', ')}.` : 'It exports no function.';
    const what =
      found === undefined ? `has no export ${name}` : `exports ${name}, but as ${typeof found}, not as a function`;
    throw new TaskNotFoundError(`The task module ${this.#module} ${what}. ${there}`, {
      module: this.#module,
      task: name,
      exports,
    });
  }
}

/** A CommonJS module whose exports Node could not read ahead of time has them all on its default. */
function commonJs(namespace: Namespace): Namespace {
  const fallback = namespace['default'];
  return typeof fallback === 'object' && fallback !== null ? (fallback as Namespace) : {};
}

/**
 * Makes a function from its own text. It sees globals only, and it is strict, with nothing for its outermost `this`, as in the module where
 * it was written. A name from around the function is not there; the error for it says so, since "x is not defined" alone sends people
 * looking in the wrong place.
 */
function compile(text: string, name: string): AnyFunction {
  // esbuild (so tsx, vite and tsup) wraps inner functions in __name(fn, 'name') to keep their names.
  const scope = globalThis as { __name?: (target: unknown) => unknown };
  scope.__name ??= (target) => target;
  const call = strictly(`(${text})`) as AnyFunction;
  const explain = (error: unknown) => explainMissing(error, name);
  return (...args) => {
    try {
      const result = call(...args);
      return result instanceof Promise ? result.catch((error) => Promise.reject(explain(error))) : result;
    } catch (error) {
      throw explain(error);
    }
  };
}

/**
 * Runs a text as strict code that sees globals only: which is what a self-contained function is, text that is run on the worker. Strict since
 * the function around it is, and not by words before the text, so that lines and columns in stacks are those of the text.
 */
// biome-ignore lint/security/noGlobalEval: the text is a function of the program that owns this worker.
const strictly: (text: string) => unknown = globalThis.eval(
  "(function () { 'use strict'; return eval(arguments[0]); })",
);

function explainMissing(error: unknown, name: string): unknown {
  const before = error instanceof ReferenceError ? messageOf(error) : '';
  const missing = /^(\S+) is not defined$/.exec(before)?.[1];
  if (missing === undefined) return error;
  const value = `${before} on the worker: ${name || 'the function'} was sent there as text and can't see the variables around it. Pass ${missing} as an argument, as in submit((${missing}) => …, ${missing}), or export the function from the task module.`;
  const stack = stackOf(error as Error)?.replace(before, () => value);
  // An error that can't be changed (a task may throw a frozen one) goes home as it is.
  Reflect.defineProperty(error as Error, 'message', { value, configurable: true, writable: true });
  if (stack !== undefined)
    Reflect.defineProperty(error as Error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
