// @ts-check
/**
 * The projects, one for each test runner. A project is a folder here with a package.json, a lock
 * file and its tests.
 *
 * @typedef {object} Project
 * @property {readonly string[]} shared folders of `shared` that it contains as well
 * @property {Readonly<Record<string, readonly string[]>>} runs arguments of Node for each run, by
 *   the title of the run
 * @property {number} [node] the oldest Node on which the runner works
 */

const jest = 'node_modules/jest/bin/jest.js';
const vitest = 'node_modules/vitest/vitest.mjs';
const pools = (/** @type {string[]} */ ...names) =>
  Object.fromEntries(names.map((pool) => [`pool ${pool}`, [vitest, 'run', '--pool', pool]]));

/** Jest lists the pool of an idle executor, although the pool does not keep Jest alive. */
const openHandles = [jest, '--detectOpenHandles', '--testNamePattern', '^(?!an executor that nobody closes)'];

/** @type {Readonly<Record<string, Project>>} */
export const projects = {
  'jest-commonjs': { shared: ['commonjs'], runs: { default: [jest], 'open handles': openHandles } },
  'jest-babel': { shared: ['esm'], runs: { default: [jest] } },
  'jest-typescript': { shared: ['typescript'], runs: { default: [jest] } },
  'jest-esm': { shared: ['esm'], runs: { default: ['--experimental-vm-modules', jest] } },
  'vitest-3': { shared: ['esm', 'vitest'], runs: pools('threads', 'forks', 'vmThreads') },
  'vitest-4': { shared: ['esm', 'vitest'], runs: pools('threads', 'forks', 'vmThreads') },
  'vitest-5': { shared: ['esm', 'vitest'], runs: pools('threads', 'forks', 'vmThreads'), node: 22 },
  'node-test': { shared: ['esm'], runs: { default: ['--test'] } },
  mocha: { shared: ['esm'], runs: { default: ['node_modules/mocha/bin/mocha.js', '*.test.js'] } },
};
