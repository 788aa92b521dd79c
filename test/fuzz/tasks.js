/**
 * Tasks of random programs. A value is `{ n, log }`: a number, and a file to which each run of a
 * task appends a line. The line records the run even if its worker dies. run-log.ts reads it.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { currentTask } from 'rx-futures/worker';

const worker = `${process.pid}:${threadId}`;
let file;

/** The initializer. */
export function opens(log) {
  file = log;
  note('0 0 opens');
}

/** The finalizer. */
export async function closes() {
  await sleep(1);
  note('0 0 closes');
}

function note(what, { log = file, tag = '-', context = '-' } = {}) {
  appendFileSync(log, `${what} ${performance.timeOrigin + performance.now()} ${worker} ${tag} ${context}\n`);
}

function logRun(kind, { log, tag }) {
  const { id, attempt, context } = currentTask();
  note(`${id} ${attempt} ${kind}`, { log, tag, context });
  return attempt;
}

const plus = ({ n, log }) => ({ n: n + 1, log });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function plusOne(value) {
  logRun('plusOne', value);
  return plus(value);
}

export async function plusOneLater(value) {
  logRun('plusOneLater', value);
  await sleep(value.n % 4);
  return plus(value);
}

export function plusOneSlowly(value) {
  logRun('plusOneSlowly', value);
  const until = performance.now() + 8;
  while (performance.now() < until);
  return plus(value);
}

export function fails(value) {
  logRun('fails', value);
  throw new RangeError('as planned');
}

export async function failsOnce(value) {
  if (logRun('failsOnce', value) === 1) throw new RangeError('as planned');
  return plus(value);
}

export function exits(value) {
  logRun('exits', value);
  process.exit(3);
}

export function exitsOnce(value) {
  if (logRun('exitsOnce', value) === 1) process.exit(3);
  return plus(value);
}

/**
 * Returns a value that can't be cloned. The next step of a chain receives it on the same worker.
 */
export function givesFunction(value) {
  logRun('givesFunction', value);
  return { ...plus(value), method() {} };
}

/** Never settles, and ignores its signal. */
export function never(value) {
  logRun('never', value);
  return new Promise(() => {});
}

export function untilAborted(value) {
  logRun('untilAborted', value);
  const { signal } = currentTask();
  return new Promise((_, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}

export function* counts(value) {
  logRun('counts', value);
  for (let n = 0; n < value.n; n++) yield n;
}

export async function* countsLater(value) {
  logRun('countsLater', value);
  for (let n = 0; n < value.n; n++) {
    if (n % 16 === 0) await sleep(1);
    yield n;
  }
}

/** Reads a stream to its end, or does what `stop` says at the value after so many. */
async function* reading(input, { stop }) {
  const { attempt } = currentTask();
  let read = 0;
  for await (const value of input) {
    if (read === stop.after) {
      if (stop.how === 'leaves') return;
      if (stop.how === 'throws' || (stop.how === 'throwsOnce' && attempt === 1)) throw new RangeError('as planned');
      if (stop.how === 'exits') process.exit(3);
      if (stop.how === 'never') await new Promise(() => {});
    }
    const n = typeof value === 'number' ? value : value.n - 1;
    if (n !== read) throw new Error(`value ${n} came in the place of value ${read}`);
    read++;
    yield n;
  }
}

export async function* stage(input, value) {
  const { id } = currentTask();
  const attempt = logRun('stage', value);
  try {
    yield* reading(input, value);
  } finally {
    note(`${id} ${attempt} left`, value);
  }
}

/** Returns the number of values that it has read. */
export async function reads(input, value) {
  logRun('reads', value);
  let n = 0;
  for await (const _ of reading(input, value)) n++;
  return { n, log: value.log };
}

export function same(value) {
  return value;
}

const exported = {
  plusOne,
  plusOneLater,
  plusOneSlowly,
  fails,
  failsOnce,
  exits,
  exitsOnce,
  givesFunction,
  never,
  untilAborted,
};

/**
 * An actor with the tasks of this file as methods. Each start is logged with the object, and each
 * end too.
 */
export class Place {
  #log;
  /** Name of the actor, and id of this object. */
  #tag;

  constructor(log, name) {
    this.#log = log;
    this.#tag = `${name}/${randomUUID()}`;
    note('0 0 constructs', { log, tag: this.#tag });
  }

  async [Symbol.asyncDispose]() {
    await sleep(1);
    note('0 0 disposes', { log: this.#log, tag: this.#tag });
  }

  async run(kind, value) {
    return await this.#noted((tag) => exported[kind]({ ...value, tag }));
  }

  async reads(input, value) {
    return await this.#noted((tag) => reads(input, { ...value, tag }));
  }

  async *stage(input, value) {
    const { id, attempt } = currentTask();
    const tag = this.#tag;
    try {
      yield* stage(input, { ...value, tag });
    } finally {
      note(`${id} ${attempt} ends`, { log: this.#log, tag });
    }
  }

  async #noted(call) {
    const { id, attempt } = currentTask();
    const tag = this.#tag;
    try {
      return await call(tag);
    } finally {
      note(`${id} ${attempt} ends`, { log: this.#log, tag });
    }
  }
}

for (const kind of Object.keys(exported)) {
  Place.prototype[kind] = function (value) {
    return this.run(kind, value);
  };
}
