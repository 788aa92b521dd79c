// @ts-check
/** Shared functions of several rows: checks, time measurement and a shuffle. */

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} subject
 */
export function expectEqual(actual, expected, subject) {
  if (actual !== expected) throw new Error(`wrong answer: ${subject}: expected ${expected}, got ${actual}`);
}

/**
 * Returns the time in ms until `submitAll` has called `answered` for `count` answers. Checks that
 * the sum of the answers is 0 + 1 + … + (count - 1).
 *
 * @param {number} count
 * @param {(answered: (value: number) => void, failed: (error: unknown) => void) => void} submitAll
 * @returns {Promise<number>}
 */
export function timeAnswers(count, submitAll) {
  return new Promise((resolve, reject) => {
    let left = count;
    let sum = 0;
    const started = performance.now();
    submitAll((value) => {
      sum += value;
      if (--left > 0) return;
      const took = performance.now() - started;
      try {
        expectEqual(sum, (count * (count - 1)) / 2, 'sum of all answers');
        resolve(took);
      } catch (error) {
        reject(error);
      }
    }, reject);
  });
}

/**
 * Returns the items in a pseudo-random order that is the same on every machine. It is a
 * Fisher-Yates shuffle with a linear congruential generator (constants of Numerical Recipes).
 *
 * @template T
 * @param {readonly T[]} items
 * @returns {T[]}
 */
export function shuffled(items) {
  const result = [...items];
  let state = 42;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [result[i], result[j]] = [/** @type {T} */ (result[j]), /** @type {T} */ (result[i])];
  }
  return result;
}

/**
 * Runs work and returns the processor time of it in us. Counts all threads of this process.
 *
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>}
 */
export async function cpuTimeOf(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
