/** The functions that a session can run, by the keys that messages contain. */
import type { Namespace } from '#platform/load-module';
import { SerializationError, TaskNotFoundError } from '../errors.js';
import { messageOf } from '../protocol/clone-fault.js';
import { stackOf } from '../protocol/error-text.js';
import { isInstance } from '../protocol/instance.js';
import type { FunctionDefinition } from '../protocol/messages.js';
import { constructorOf, dispose, methodOf } from './actors/actor-functions.js';

export type AnyFunction = (...args: unknown[]) => unknown;

/** A function, with measurements of its runs on this worker. */
export interface KnownFunction {
  readonly name: string;
  readonly fn: AnyFunction;
  /** The function is called with its actor as `this`. */
  readonly isOfActor: boolean;
  /** Longest recent run time of the synchronous part, in ms. Infinity before the first run. */
  slowest: number;
  /** True if the last run returned no promise. */
  isSync: boolean;
}

/**
 * Factor for the longest run time of a function after each shorter run. Ten shorter
 * runs reduce it to about a third.
 */
const SLOWEST_DECAY = 0.9;

/** Adds a measurement. `took` is the run time of the synchronous part, in ms. */
export function measured(known: KnownFunction, took: number): void {
  known.slowest = known.slowest === Number.POSITIVE_INFINITY ? took : Math.max(took, known.slowest * SLOWEST_DECAY);
}

export class Functions {
  readonly #definitions = new Map<number, FunctionDefinition>();
  readonly #known: KnownFunction[] = [];
  #namespace: Namespace = {};
  #module = '';
  #isReplaceable = false;

  /** Sets the module in which exports are looked up. */
  useModule(namespace: Namespace, url: string): void {
    this.#namespace = namespace;
    this.#module = url;
  }

  /**
   * Sets a module whose exports a test may replace while tasks run. Each call reads its export
   * again.
   */
  useReplaceable(namespace: Namespace, name: string): void {
    this.useModule(namespace, name);
    this.#isReplaceable = true;
  }

  define(definitions: readonly FunctionDefinition[]): void {
    for (const definition of definitions) this.#definitions.set(definition.key, definition);
  }

  /** Longest recent run time in ms. Infinity for a function that has not run on this worker. */
  slowest(key: number): number {
    return this.#known[key]?.slowest ?? Number.POSITIVE_INFINITY;
  }

  /**
   * @throws TaskNotFoundError if the module has no such export
   * @throws SyntaxError or another error of evaluating the source of a self-contained function
   */
  get(key: number): KnownFunction {
    return this.#known[key] ?? this.#resolve(key);
  }

  #resolve(key: number): KnownFunction {
    const definition = this.#definitions.get(key);
    if (definition === undefined) {
      throw new Error(`Function ${key} was not defined on this worker. Report this as a bug in rx-futures.`);
    }
    const fn = this.#functionOf(definition);
    const isOfActor = definition.kind !== 'export' && definition.kind !== 'source';
    const known = { name: definition.name, fn, isOfActor, slowest: Number.POSITIVE_INFINITY, isSync: false };
    this.#known[key] = known;
    return known;
  }

  #functionOf(definition: FunctionDefinition): AnyFunction {
    switch (definition.kind) {
      case 'export':
        return this.#ofModule(definition.name);
      case 'source':
        return compile(definition.text, definition.name);
      case 'construct':
        return constructorOf(() => this.exported(definition.text)) as AnyFunction;
      case 'method':
        return methodOf(definition.text) as AnyFunction;
      case 'dispose':
        return dispose as AnyFunction;
      default:
        return definition satisfies never;
    }
  }

  #ofModule(name: string): AnyFunction {
    const fn = this.exported(name);
    return this.#isReplaceable ? (...args) => this.exported(name)(...args) : fn;
  }

  /** @throws TaskNotFoundError if the module has no such export */
  exported(name: string): AnyFunction {
    const found = exportOf(this.#namespace, name);
    if (typeof found === 'function') return found as AnyFunction;
    const names = new Set([...Object.keys(this.#namespace), ...Object.keys(commonJs(this.#namespace))]);
    const exports = [...names].filter((other) => typeof exportOf(this.#namespace, other) === 'function').sort();
    const there = exports.length > 0 ? `It exports: ${exports.join(', ')}.` : 'It exports no function.';
    const what =
      found === undefined ? `has no export "${name}"` : `exports "${name}" as ${typeof found}, not as a function`;
    const message = `Task module "${this.#module}" ${what}. ${there} Correct the name, or export the function.`;
    throw new TaskNotFoundError(message, {
      module: this.#module,
      task: name,
      exports,
    });
  }
}

function exportOf(namespace: Namespace, name: string): unknown {
  const inside = commonJs(namespace);
  const [first, second] = isCopy(namespace) ? [inside, namespace] : [namespace, inside];
  // A mocked module may throw if an export that it lacks is read.
  return Object.hasOwn(first, name) ? first[name] : Object.hasOwn(second, name) ? second[name] : undefined;
}

/**
 * Recognizes the copy of a CommonJS module's exports that compilers such as Babel create for
 * `import()`. Its default export is the original, in which a test replaces exports.
 */
function isCopy(namespace: Namespace): boolean {
  return !Object.hasOwn(namespace, '__esModule') && !(Symbol.toStringTag in namespace);
}

/**
 * Returns the exports of a CommonJS module that Node could not detect before running it. The
 * default export contains all of them.
 */
function commonJs(namespace: Namespace): Namespace {
  const fallback = Object.hasOwn(namespace, 'default') ? namespace['default'] : undefined;
  return typeof fallback === 'object' && fallback !== null ? (fallback as Namespace) : {};
}

/**
 * Makes a function from its own source. The function sees only globals. It is strict, and its
 * outermost `this` is undefined, as in the module that contains the source.
 *
 * A variable from around the function does not exist on the worker. The error of such a function
 * names this reason, because "x is not defined" alone is misleading.
 */
function compile(text: string, name: string): AnyFunction {
  // esbuild (and so tsx, vite and tsup) wraps inner functions in __name(fn, 'name') to keep their
  // names.
  const scope = globalThis as { __name?: (target: unknown) => unknown };
  scope.__name ??= (target) => target;
  const call = strictly(text, name);
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

/** Made when it is first needed, because exports of a module need no eval. */
let evaluate: ((text: string) => unknown) | undefined;

/**
 * Evaluates a text as strict code that sees only globals. The text is strict because the function
 * around it is strict. A directive in front of the text would change the lines and columns in
 * stacks.
 *
 * @throws SerializationError if eval is forbidden here
 */
function strictly(text: string, name: string): AnyFunction {
  try {
    // biome-ignore lint/security/noGlobalEval: the text is a function of the program that owns this worker.
    evaluate ??= globalThis.eval("(function () { 'use strict'; return eval(arguments[0]); })") as typeof evaluate;
  } catch (cause) {
    const what = name ? `function "${name}"` : 'the function';
    throw new SerializationError(
      `A worker can't run ${what}, which was sent as text, because eval is forbidden there (by a Content-Security-Policy, or a flag of the engine). Export the function from the task module.`,
      { path: what, cause },
    );
  }
  return evaluate!(`(${text})`) as AnyFunction;
}

function explainMissing(error: unknown, name: string): unknown {
  const before = isInstance(error, ReferenceError) ? messageOf(error) : '';
  const missing = /^(\S+) is not defined$/.exec(before)?.[1];
  if (missing === undefined) return error;
  const value = `${before} on the worker: ${name ? `function "${name}"` : 'the function'} was sent as text and can't see the variables around it. Pass ${missing} as an argument, as in submit((${missing}) => …, ${missing}), or export the function from the task module.`;
  const stack = stackOf(error as Error)?.replace(before, () => value);
  // An error that can't be changed, such as a frozen one, keeps its message.
  Reflect.defineProperty(error as Error, 'message', { value, configurable: true, writable: true });
  if (stack !== undefined)
    Reflect.defineProperty(error as Error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
