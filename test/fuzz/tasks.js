/**
 * Tasks of random programs. A value is `{ n, log }`: a number, and the file to which each run of a task writes a line, so that a run is
 * known whatever becomes of its worker.
 */
import { appendFileSync } from 'node:fs';
import { currentTask } from 'rx-futures/worker';

function begin(kind, { log }) {
  const { id, attempt } = currentTask();
  appendFileSync(log, `${id} ${attempt} ${kind} ${performance.timeOrigin + performance.now()}\n`);
  return attempt;
}

const plus = ({ n, log }) => ({ n: n + 1, log });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function plusOne(value) {
  begin('plusOne', value);
  return plus(value);
}

export async function plusOneLater(value) {
  begin('plusOneLater', value);
  await sleep(value.n % 4);
  return plus(value);
}

export function plusOneSlowly(value) {
  begin('plusOneSlowly', value);
  const until = performance.now() + 8;
  while (performance.now() < until);
  return plus(value);
}

export function fails(value) {
  begin('fails', value);
  throw new RangeError('as planned');
}

export async function failsOnce(value) {
  if (begin('failsOnce', value) === 1) throw new RangeError('as planned');
  return plus(value);
}

export function exits(value) {
  begin('exits', value);
  process.exit(3);
}

export function exitsOnce(value) {
  if (begin('exitsOnce', value) === 1) process.exit(3);
  return plus(value);
}

/** A value that no message can carry. The next step of a chain gets it on the same worker. */
export function givesFunction(value) {
  begin('givesFunction', value);
  return { ...plus(value), method() {} };
}

/** Ends only when it is told to, and not even then. */
export function never(value) {
  begin('never', value);
  return new Promise(() => {});
}

export function untilAborted(value) {
  begin('untilAborted', value);
  const { signal } = currentTask();
  return new Promise((_, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}

export function* counts(value) {
  begin('counts', value);
  for (let n = 0; n < value.n; n++) yield n;
}

export async function* countsLater(value) {
  begin('countsLater', value);
  for (let n = 0; n < value.n; n++) {
    if (n % 16 === 0) await sleep(1);
    yield n;
  }
}
