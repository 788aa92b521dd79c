/** Steps: the functions that tasks are made of, each with a number that stands for it on the wire. */
import type { Step } from '../../scheduling/job.js';

let lastKey = 0;

/** An export of the task module. */
export function exportStep(name: string): Step {
  return { key: ++lastKey, kind: 'export', name, text: '' };
}

const byFunction = new WeakMap<Function, Step>();
const byText = new Map<string, Step>();
/** Texts remembered, so that an arrow function in a loop is one step. A program has fewer; one that generates code starts over. */
const TEXTS = 1_000;

/**
 * A self-contained function, sent as its text.
 *
 * @throws TypeError when it has no text that could run elsewhere
 */
export function sourceStep(fn: Function): Step {
  let step = byFunction.get(fn);
  if (step !== undefined) return step;
  const text = sendableText(fn);
  step = byText.get(text);
  if (step === undefined) {
    step = { key: ++lastKey, kind: 'source', name: fn.name || 'anonymous function', text };
    if (byText.size >= TEXTS) byText.clear();
    byText.set(text, step);
  }
  byFunction.set(fn, step);
  return step;
}

function sendableText(fn: Function): string {
  const text = Function.prototype.toString.call(fn);
  const name = fn.name || 'the function';
  const module = 'Export it from a task module instead, and name that in the tasks option.';
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    throw new TypeError(
      `submit(fn): ${name} is built in or bound, so it has no text that a worker could run. Wrap it: (x) => ${fn.name.replace(/^bound /, '') || 'fn'}(x).`,
    );
  }
  if (/^class\b/.test(text)) throw new TypeError(`submit(fn): ${name} is a class. ${module}`);
  if (text.includes('__vite_ssr_')) {
    throw new TypeError(
      `submit(fn): ${name} uses an import, and vite (vitest) has rewritten its text to refer to it. ${module}`,
    );
  }
  // Methods are written without `function`: they have a text of their own only inside an object.
  for (const form of [text, `Object.values({ ${text} })[0]`]) {
    const error = parse(`'use strict'; return (${form})`);
    if (error === undefined) return form;
    if (parse(`return (${form})`) === undefined) {
      throw new TypeError(
        `submit(fn): ${name} is sloppy code, and workers run texts in strict mode, as modules do: ${error.message}. Write it in strict mode, or export it from a CommonJS module and name that in the tasks option.`,
      );
    }
  }
  throw new TypeError(`submit(fn): the text of ${name} can't be run by itself. ${module}`);
}

/** What is wrong with the body of a function; undefined where it can be run. */
function parse(body: string): SyntaxError | undefined {
  try {
    // Compiled, never called.
    new Function(body);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}
