// @ts-check
/**
 * Runs the conformance suite and the tests of the guarantees on Bun, Deno or Node:
 *
 *     npm run test:bun                     the selection of CI (selection.mjs)
 *     npm run test:bun -- --all            all tests
 *     … --tables                           the tests that the tables of docs/runtimes.md show
 *     … --json=<file>                      writes a report for scripts/runtime-table.mjs
 *     … --version=<version>, --bin=<path>  another version, or a runtime that is installed
 *     … --only=<text>                      files whose path contains the text
 *     … --test=<titles>                    only this test or block
 *     … --patience=<factor>                for a busy machine: longer time limits, and each
 *                                          test that fails is repeated alone
 *
 * Each test must pass, or be declared in skips.mjs with its reason. The declared tests are run as
 * well, after the others. One that passes fails the run, so that the list stays true.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle.mjs';
import { install, versionOf } from './install.mjs';
import { runFile } from './run-file.mjs';
import { allFiles, ownFiles, quick, tableFiles } from './selection.mjs';
import { skips } from './skips.mjs';

/** @import { Result } from './run-file.mjs' */

const root = fileURLToPath(new URL('../../', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    tables: { type: 'boolean', default: false },
    json: { type: 'string' },
    version: { type: 'string' },
    bin: { type: 'string' },
    only: { type: 'string', default: '' },
    test: { type: 'string', default: '' },
    patience: { type: 'string', default: '1' },
  },
});
const [name = 'node'] = positionals;
const isQuick = !values.all && !values.tables && values.only === '';

/** Machines of CI do several things at the same time. */
const patience = Number(values.patience) * (process.env['CI'] === undefined ? 1 : 3);
/** Time limit in ms of a test, and of a program with all tests of a file. */
const TEST_LIMIT = 20_000 * patience;
const FILE_LIMIT = 180_000 * patience;
/** A declared test may hang, so it has less time. */
const DECLARED_LIMIT = 8_000;

const declared = (skips[name] ?? []).flatMap(({ tests, ...skip }) => tests.map((test) => ({ ...skip, test })));

mkdirSync(path.join(root, '.cache'), { recursive: true });
const work = mkdtempSync(path.join(root, '.cache/runtimes-'));
const { command, remove } = install(name, values.version, values.bin);
try {
  const version = versionOf(command);
  const files = filesToRun().filter((file) => file.includes(values.only));
  await bundleTests(work, files);
  /** @type {Result[]} */
  const results = [];
  for (const file of files) results.push(...(await resultsOf(file)));
  if (values.patience !== '1') await repeatFailed(results);
  conclude(version, results, await wrongSkips(results));
} finally {
  rmSync(work, { recursive: true, force: true });
  remove();
}

function filesToRun() {
  if (values.tables) return tableFiles();
  return isQuick ? [...quick.files, ...ownFiles(name)] : allFiles(name);
}

/**
 * Runs a file without its declared tests.
 *
 * @param {string} file
 */
async function resultsOf(file) {
  const start = performance.now();
  const results = await runFile(
    { command, work, file, limit: FILE_LIMIT },
    {
      skipped: declared.map(({ test }) => test),
      only: values.test === '' ? [] : [values.test],
      topics: isQuick ? quick.topics : [],
      limit: TEST_LIMIT,
    },
  );
  const passed = results.filter(({ state }) => state === 'passed').length;
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  console.log(`${file}: ${passed} of ${results.length} passed, ${seconds} s`);
  return results;
}

/**
 * Runs each test that has failed once more, alone, and replaces its result.
 *
 * @param {Result[]} results
 */
async function repeatFailed(results) {
  for (const [i, { file, test, state }] of results.entries()) {
    if (state !== 'failed') continue;
    const selection = { skipped: [], only: [test], topics: [], limit: TEST_LIMIT };
    const program = { command, work, file, limit: FILE_LIMIT };
    const again = (await runFile(program, selection)).find((result) => result.test === test);
    console.log(`${again?.state ?? 'failed'} when it was repeated alone: ${file}: ${test}`);
    if (again !== undefined) results[i] = again;
  }
}

/**
 * Returns what is wrong with the declared skips: those that pass, and those that name no test.
 *
 * @param {readonly Result[]} results
 */
async function wrongSkips(results) {
  const wrong = [];
  for (const { test, mayPass = false } of declared) {
    const skipped = results.filter((result) => result.state === 'skipped' && has(result.test, test));
    if (skipped.length === 0 && values.all && values.only === '') wrong.push(`names no test: ${test}`);
    for (const result of mayPass ? [] : skipped) {
      const selection = { skipped: [], only: [result.test], topics: [], limit: DECLARED_LIMIT };
      const again = await runFile({ command, work, file: result.file, limit: DECLARED_LIMIT }, selection);
      if (again.some(({ test, state }) => test === result.test && state === 'passed')) {
        wrong.push(`passes, so remove it from skips.mjs: ${result.file}: ${result.test}`);
      }
    }
  }
  return wrong;
}

/** As in program.ts. @param {string} name @param {string} titles */
function has(name, titles) {
  return ` > ${name} > `.includes(` > ${titles} > `);
}

/**
 * Prints the results and writes the report.
 *
 * @param {string} version
 * @param {readonly Result[]} results
 * @param {readonly string[]} wrong
 */
function conclude(version, results, wrong) {
  const count = (/** @type {string} */ state) => results.filter((test) => test.state === state).length;
  for (const { file, test, state, error } of results) {
    if (state === 'failed') console.log(`FAILED  ${file}: ${test}\n${String(error).replace(/^/gm, '        ')}`);
  }
  for (const text of wrong) console.log(`FAILED  a declared skip ${text}`);
  const faults = wrong.length > 0 ? `, ${wrong.length} skips are wrong` : '';
  console.log(
    `${name} ${version}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped${faults}`,
  );
  if (values.json !== undefined) {
    const runtime = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const tests = results.map(({ file, test, topic, state }) => ({ file, test, topic, state, reason: reasonOf(test) }));
    writeFileSync(values.json, `${JSON.stringify({ runtime, version, tests }, undefined, 1)}\n`);
  }
  if (count('failed') > 0 || wrong.length > 0 || count('passed') === 0) process.exitCode = 1;
}

/** @param {string} name @returns {string | undefined} */
function reasonOf(name) {
  return declared.find(({ test }) => has(name, test))?.reason ?? name.match(/ \(not here: (.*)\)$/)?.[1];
}
