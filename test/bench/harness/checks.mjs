// @ts-check
/** What several rows do in the same way: checks, and ways of submitting. */

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} what
 */
export function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`wrong answer: ${what}: expected ${expected}, got ${actual}`);
}

/**
 * ms until `count` answers are there, each told through `answered`; checks that they add up to 0 + 1 + … + (count - 1).
 *
 * @param {number} count
 * @param {(answered: (value: number) => void, failed: (error: unknown) => void) => void} submitAll
 * @returns {Promise<number>}
 */
export function timeAnswers(count, submitAll) {
  return new Promise((resolve, reject) => {
    let left = count;
    let sum = 0;
    const began = performance.now();
    submitAll((value) => {
      sum += value;
      if (--left > 0) return;
      const took = performance.now() - began;
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
 * The same order for the same seed, everywhere: a Fisher-Yates shuffle on a linear congruential generator (constants of Numerical Recipes).
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
