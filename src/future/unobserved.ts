/**
 * Nothing fails silently: a rejected future that nobody has looked at is reported once: when it is collected, when its executor shuts
 * down, or when the process has nothing left to do, whichever comes first.
 *
 * The failure is remembered, the future is not: a strong reference would keep it from being collected.
 */
import { callOutside } from '../platform/context.js';
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

/** A future was rejected, its callbacks have run, and nobody has looked. */
export function watch(future: Future<unknown>, failure: UnobservedFailure): void {
  failures.set(future, failure);
  failure.owner.unobserved.add(failure);
  owners.add(failure.owner);
  collected.register(future, failure, failure);
  if (isListening) return;
  isListening = true;
  process.on('beforeExit', reportEverything);
}

/** Those that have such failures, and no others: what is in here is not collected. */
const owners = new Set<Owner>();

/** One listener, for the life of the process: what it does may lead to new failures, and to another beforeExit. */
let isListening = false;

/** A short script ends before anything is collected. */
function reportEverything(): void {
  for (const owner of [...owners]) reportAll(owner);
}

/** Somebody has looked after all. */
export function unwatch(future: Future<unknown>): void {
  const failure = failures.get(future);
  if (failure === undefined) return;
  failures.delete(future);
  forget(failure);
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
  if (!forget(failure)) return;
  try {
    // Whoever submitted the task may be gone for long: its context is not kept for this.
    callOutside(() => failure.owner.failedUnobserved(failure));
  } catch (error) {
    reportUnhandled(error);
  }
}

/** False where that was done before. */
function forget(failure: UnobservedFailure): boolean {
  const { owner } = failure;
  const wasThere = owner.unobserved.delete(failure);
  if (owner.unobserved.size === 0) owners.delete(owner);
  return wasThere;
}
