/**
 * Garbage collection on demand, for tests that run with --expose-gc. It repeats the collection
 * until its effect is visible, and never sleeps.
 */

/** Maximum number of collections before the test fails. In practice, one or two are enough. */
const ROUNDS = 200;

/** Collects garbage until `isDone()` returns true. */
export async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (isDone()) return;
    await collectOnce();
  }
  throw new Error(`collectUntil(): the condition is still false after ${ROUNDS} garbage collections`);
}

/**
 * Collects the garbage that `make` leaves behind. Resolves when an object that was created after
 * `make()` has been collected too.
 */
export async function collectAfter(make: () => void): Promise<void> {
  let isGone = false;
  const registry = new FinalizationRegistry(() => {
    isGone = true;
  });
  make();
  registry.register({}, undefined);
  await collectUntil(() => isGone);
  // Finalizers of one collection run in one task, but their order is not specified.
  for (let round = 0; round < 3; round++) await collectOnce();
}

/**
 * Collects in a separate turn, because an object that a WeakRef returned is kept until its turn
 * ends.
 */
async function collectOnce(): Promise<void> {
  await nextTurn();
  globalThis.gc!();
  await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
