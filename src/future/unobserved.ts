/**
 * Nothing fails silently: a rejected future that nobody has looked at is reported once, when it is collected or when its
 * executor shuts down, whichever comes first.
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
  collected.register(future, failure, failure);
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
