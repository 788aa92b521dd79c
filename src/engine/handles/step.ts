/**
 * Steps: the functions that a task consists of. Each step has a number that identifies it in
 * messages.
 */
import type { Step } from '../../scheduling/job/job.js';

let lastKey = 0;

export function exportStep(name: string): Step {
  return { key: ++lastKey, kind: 'export', name, text: '' };
}

/** A step that constructs or disposes of the object of an actor. `name` is that of the task. */
export function classStep(kind: 'construct' | 'dispose', name: string, className: string): Step {
  return { key: ++lastKey, kind, name, text: className };
}

/** A step that calls a method of the object of an actor. `name` is that of the task. */
export function methodStep(name: string, method: string): Step {
  return { key: ++lastKey, kind: 'method', name, text: method };
}

const byFunction = new WeakMap<Function, Step>();
const byText = new Map<string, Step>();
/**
 * Maximum number of function texts that are remembered, so that an arrow function in a loop becomes
 * one step. Only a program that generates functions reaches the limit. All texts are then
 * forgotten.
 */
const MAX_REMEMBERED_TEXTS = 1_000;

/**
 * Returns the step for a self-contained function, which is sent as its source text.
 *
 * @throws TypeError if the function has no text that can run on a worker
 */
export function sourceStep(fn: Function): Step {
  let step = byFunction.get(fn);
  if (step !== undefined) return step;
  const text = sendableText(fn);
  step = byText.get(text);
  if (step === undefined) {
    step = { key: ++lastKey, kind: 'source', name: fn.name || 'anonymous function', text };
    if (byText.size >= MAX_REMEMBERED_TEXTS) byText.clear();
    byText.set(text, step);
  }
  byFunction.set(fn, step);
  return step;
}

function sendableText(fn: Function): string {
  const text = Function.prototype.toString.call(fn);
  const name = fn.name === '' ? 'the function' : `"${fn.name}"`;
  const module = 'Export it from a task module, and pass the module as the option "tasks".';
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    throw new TypeError(
      `submit(fn): ${name} is a built-in or bound function, whose source text can't be sent to a worker. Wrap it: (x) => ${fn.name.replace(/^bound /, '') || 'fn'}(x).`,
    );
  }
  if (/^class\b/.test(text))
    throw new TypeError(`submit(fn): ${name} is a class, and a task must be a function. ${module}`);
  if (text.includes('__vite_ssr_')) {
    throw new TypeError(
      `submit(fn): ${name} uses an import, which Vite (Vitest) has rewritten so that the text can't run on a worker. ${module}`,
    );
  }
  // The text of a method lacks `function`, so it can only be compiled inside an object.
  for (const form of [text, `Object.values({ ${text} })[0]`]) {
    const error = parse(`'use strict'; return (${form})`);
    if (error === undefined) return form;
    if (parse(`return (${form})`) === undefined) {
      throw new TypeError(
        `submit(fn): ${name} is not valid in strict mode, in which workers run functions: ${error.message}. Fix the syntax, or export the function from a CommonJS task module.`,
      );
    }
  }
  throw new TypeError(`submit(fn): the source text of ${name} can't run on its own. ${module}`);
}

/**
 * Compiles a function body. Returns the syntax error; undefined if the body is valid. If eval is
 * forbidden here, nothing is known of the body. A worker may have another policy, so it decides.
 */
function parse(body: string): SyntaxError | undefined {
  try {
    // The function is compiled and never called.
    new Function(body);
    return undefined;
  } catch (error) {
    const { name } = error as Error;
    return name === 'EvalError' ? undefined : (error as SyntaxError);
  }
}
