/**
 * Tasks with faults. Each takes one argument, because two contenders pass only one. `cells` is an
 * Int32Array in shared memory: cell 0 counts arrivals, cell 1 is the gate (0 closed, 1 open), cell
 * 2 counts runs. Tasks that wait are `async` functions, because poolifier does not await a promise
 * that another function returns.
 */
import { readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

/** @param {{ a: number, b: number }} numbers */
export function add({ a, b }) {
  return a + b;
}

/** @param {unknown} value */
export function echo(value) {
  return value;
}

export function whichThread() {
  return threadId;
}

/** @param {Int32Array} cells */
export function count(cells) {
  return Atomics.add(cells, 2, 1) + 1;
}

/** Blocks its thread at the gate. @param {Int32Array} cells */
export function hold(cells) {
  Atomics.add(cells, 0, 1);
  Atomics.notify(cells, 0);
  Atomics.wait(cells, 1, 0);
  return 'held';
}

/** @param {Int32Array} cells */
export function loopForever(cells) {
  Atomics.add(cells, 0, 1);
  Atomics.notify(cells, 0);
  for (;;);
}

/** @param {number} ms */
export async function linger(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'fine';
}

// ── deaths ──────────────────────────────────────────────────

/** @param {number} code */
export function exit(code) {
  process.exit(code);
}

/** @param {number} code */
export function exitSoon(code) {
  setImmediate(() => process.exit(code));
  return 'done before the end';
}

export async function throwInTimer() {
  setTimeout(() => {
    throw new RangeError('thrown in a timer');
  });
  await new Promise(() => {});
}

export async function leaveRejection() {
  Promise.reject(new TypeError('nobody handles me'));
  await new Promise(() => {});
}

export function exhaustMemory() {
  const hoard = [];
  for (;;) hoard.push(new Array(10_000).fill(hoard.length));
}

/** Returns a result long before its timer throws. @param {number} ms */
export function leaveTimer(ms) {
  setTimeout(() => {
    throw new RangeError('left behind');
  }, ms);
  return 'done';
}

// ── errors ──────────────────────────────────────────────────

class PaymentError extends Error {
  name = 'PaymentError';
  code = 'ERR_PAYMENT';
  amount = 42;
}

/** @param {string} message */
export function fail(message) {
  throw new Error(message);
}

export function failWithCode() {
  throw new PaymentError('card declined', { cause: new RangeError('over the limit') });
}

export function failAggregate() {
  throw new AggregateError([new TypeError('first'), new RangeError('second')], 'two failures');
}

export function failInSystem() {
  return readFileSync('/no/such/file', 'utf8');
}

export function failDom() {
  throw new DOMException('took too long', 'TimeoutError');
}

export function throwNull() {
  throw null;
}

export function throwFunction() {
  throw function culprit() {};
}

export function failWithBaggage() {
  throw Object.assign(new Error('with baggage'), { port: 80, close() {} });
}

export function giveFunction() {
  return { ok: true, handler() {} };
}
