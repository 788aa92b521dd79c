/** The tasks of the playground. They run on worker threads, and some go wrong on purpose. */
import { setTimeout as pause } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

/** Takes some time to answer. One order in 25 gets an error instead. */
export async function fetchOrder(id: number): Promise<number> {
  await pause(10 + random(60));
  if (chance(25)) throw new Error(`GET /orders/${id}: status 503`);
  return id;
}

/** Computes for some ms. */
export function price(id: number): number {
  spin(3 + random(12));
  if (chance(80)) throw new TypeError("Cannot read properties of undefined (reading 'currency')");
  return id;
}

/** Fails at one of three attempts, so it is run again. */
export async function charge(id: number): Promise<number> {
  await pause(15 + random(25));
  if (chance(3)) throw new Error(`The bank refused the connection for order ${id}`);
  return id;
}

/** Reads the value that all tasks on the worker share. */
export function ship(cities: readonly string[], id: number): string {
  spin(1 + random(4));
  return cities[id % cities.length]!;
}

/** Ends its whole thread, as a fault in native code does. */
export function crash(): never {
  process.exit(70);
}

/** Takes a long time, and stops when it is cancelled. */
export async function report(): Promise<void> {
  await pause(4_000 + random(20_000), undefined, { signal: currentTask().signal });
}

/** Takes a long time, and does not stop when it is cancelled. */
export async function stubborn(): Promise<void> {
  await pause(6_000);
}

export function square(n: number): number {
  return n * n;
}

/** Counts what was shipped. It lives on one worker. */
export class Ledger {
  #count = 0;

  add(): number {
    this.#count++;
    return this.#count;
  }
}

function random(most: number): number {
  return Math.floor(Math.random() * most);
}

/** Returns true once in `n` calls. */
function chance(n: number): boolean {
  return random(n) === 0;
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
