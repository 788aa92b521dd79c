/** Garbage collection on demand (the tests run with --expose-gc): loops until it has shown, and never sleeps. */

/** Rounds before it is given up; one or two do in practice. */
const ROUNDS = 200;

/** Collects until `isDone`. */
export async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (isDone()) return;
    await collectOnce();
  }
  throw new Error(`collectUntil(): not after ${ROUNDS} rounds of garbage collection`);
}

/** Collects what `make` leaves behind: done when an object that was made after it is gone too. */
export async function collectAfter(make: () => void): Promise<void> {
  let isGone = false;
  const registry = new FinalizationRegistry(() => {
    isGone = true;
  });
  make();
  registry.register({}, undefined);
  await collectUntil(() => isGone);
  // Finalizers of one collection run in one task, but in no promised order.
  for (let round = 0; round < 3; round++) await collectOnce();
}

/** In a turn of its own: an object that a WeakRef gave away is kept until the turn ends. */
async function collectOnce(): Promise<void> {
  await nextTurn();
  globalThis.gc!();
  await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
