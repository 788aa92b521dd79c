// @ts-check
/**
 * `npm run ok:fast`: the part of the gate (`npm run ok`) for each edit. Checks the types, the rules
 * of the linter and of the prose, and runs the tests that start no Redis and few workers. The three
 * run at the same time. CONTRIBUTING.md has the time that they take.
 *
 * Prints the output of a part that fails, and the time of each part. Exits with 1 if one has
 * failed.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { QUICK_TESTS } from './quick-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const missing = QUICK_TESTS.filter((name) => !existsSync(path.join(root, 'test', name)));
if (missing.length > 0)
  throw new Error(`scripts/quick-tests.mjs names tests that do not exist: ${missing.join(', ')}. Correct QUICK_TESTS.`);

/** The name of each part, and its commands. The first command that fails ends the part. */
const parts = {
  types: [
    'tsc --noEmit -p tsconfig.types.json --incremental --tsBuildInfoFile .cache/types.tsbuildinfo',
    'tsc --noEmit -p src/dashboard/page',
  ],
  lint: ['biome check .', 'node scripts/check-prose.mjs'],
  tests: ['vitest run --project quick'],
};

const start = performance.now();
const failed = await Promise.all(Object.entries(parts).map(([name, commands]) => check(name, commands)));
console.log(`ok:fast took ${secondsSince(start)} s`);
process.exitCode = failed.includes(true) ? 1 : 0;

/**
 * Runs the commands of a part, one after another. Resolves with true if one of them has failed.
 *
 * @param {string} name
 * @param {readonly string[]} commands
 */
async function check(name, commands) {
  for (const command of commands) {
    const { code, output } = await run(command);
    if (code === 0) continue;
    console.log(`${output}\n✗ ${name} failed after ${secondsSince(start)} s: ${command}`);
    return true;
  }
  console.log(`✓ ${name}: ${secondsSince(start)} s`);
  return false;
}

/**
 * @param {string} command a program of node_modules/.bin, or node, with its arguments
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run(command) {
  const PATH = `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`;
  const child = spawn(command, { cwd: root, shell: true, env: { ...process.env, PATH } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** @param {number} time */
function secondsSince(time) {
  return ((performance.now() - time) / 1_000).toFixed(1);
}
