/**
 * Reports failures that no code has observed (G10). An unobserved rejected future is reported once,
 * at the first of three moments:
 *
 *   - The future is collected.
 *   - Its executor shuts down.
 *   - The process has nothing left to do.
 *
 * The failure is stored here and the future is not, because a strong reference would keep the
 * future from being collected.
 */
import { beforeExit } from '#platform/before-exit';
import { callOutside } from '#platform/context';
import type { Future } from './future.js';
import type { Owner } from './producer.js';
import { reportUnhandled } from './unhandled.js';

export interface UnobservedFailure {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
  readonly owner: Owner;
}

const failures = new WeakMap<Future<unknown>, UnobservedFailure>();
const collected = new FinalizationRegistry<UnobservedFailure>(report);

/**
 * Stores the failure of a future that was rejected and is not observed. The future's callbacks have
 * run by now.
 */
export function watch(future: Future<unknown>, failure: UnobservedFailure): void {
  failures.set(future, failure);
  failure.owner.unobserved.add(failure);
  owners.add(failure.owner);
  collected.register(future, failure, failure);
  if (isListening) return;
  isListening = true;
  beforeExit(reportEverything);
}

/**
 * Owners with unobserved failures. Other owners are not in the set, because its members can't be
 * collected.
 */
const owners = new Set<Owner>();

/**
 * True once the listener for `beforeExit` is added. It stays for the life of the process, because a
 * report may lead to new failures and to another `beforeExit`.
 */
let isListening = false;

/**
 * Reports all failures before the process exits. A short script ends before anything is collected.
 */
function reportEverything(): void {
  for (const owner of [...owners]) reportAll(owner);
}

/** Removes the failure of a future that was observed after all. */
export function unwatch(future: Future<unknown>): void {
  const failure = failures.get(future);
  if (failure === undefined) return;
  failures.delete(future);
  forget(failure);
  collected.unregister(failure);
}

/** Reports every unobserved failure of an owner. Called when the owner closes. */
export function reportAll(owner: Owner): void {
  for (const failure of [...owner.unobserved]) {
    collected.unregister(failure);
    report(failure);
  }
}

function report(failure: UnobservedFailure): void {
  if (!forget(failure)) return;
  try {
    // The code that submitted the task may have ended long ago. Its async context is not kept for
    // this report.
    callOutside(() => failure.owner.failedUnobserved(failure));
  } catch (error) {
    reportUnhandled(error);
  }
}

/** Removes a failure. Returns false if it was removed before. */
function forget(failure: UnobservedFailure): boolean {
  const { owner } = failure;
  const wasThere = owner.unobserved.delete(failure);
  if (owner.unobserved.size === 0) owners.delete(owner);
  return wasThere;
}
