/**
 * Nothing fails silently: a rejected future that nobody has looked at is reported once: when it is collected, when its executor shuts
 * down, or when the process has nothing left to do, whichever comes first.
 *
 * The failure is remembered, the future is not: a strong reference would keep it from being collected.
 */
import type { Future } from './future.js';
import type { Owner } from './origin.js';
import { reportUnhandled } from './unhandled.js';

export interface UnobservedFailure {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
  readonly owner: Owner;
}

const failures = new WeakMap<Future<unknown>, UnobservedFailure>();
const collected = new FinalizationRegistry<UnobservedFailure>(report);

/** A future was rejected, its callbacks have run, and nobody has looked. */
export function watch(future: Future<unknown>, failure: UnobservedFailure): void {
  failures.set(future, failure);
  failure.owner.unobserved.add(failure);
  if (owners.size === 0) process.once('beforeExit', reportEverything);
  owners.add(failure.owner);
  collected.register(future, failure, failure);
}

/** Those that have had such failures. A short script ends before anything is collected. */
const owners = new Set<Owner>();

function reportEverything(): void {
  const all = [...owners];
  owners.clear();
  for (const owner of all) reportAll(owner);
}

/** Somebody has looked after all. */
export function unwatch(future: Future<unknown>): void {
  const failure = failures.get(future);
  if (failure === undefined) return;
  failures.delete(future);
  failure.owner.unobserved.delete(failure);
  collected.unregister(failure);
}

/** The owner closes: what was not looked at by now is reported. */
export function reportAll(owner: Owner): void {
  owners.delete(owner);
  for (const failure of [...owner.unobserved]) {
    collected.unregister(failure);
    report(failure);
  }
}

function report(failure: UnobservedFailure): void {
  if (!failure.owner.unobserved.delete(failure)) return;
  try {
    failure.owner.failedUnobserved(failure);
  } catch (error) {
    reportUnhandled(error);
  }
}
