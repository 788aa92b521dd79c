// @ts-check
/**
 * Runs the conformance suite and the tests of the guarantees on Bun, Deno or Node:
 *
 *     npm run test:bun                     the quick part, as in CI
 *     npm run test:bun -- --all            all tests, and the declared skips, which must fail
 *     … --json=<file>                      writes a report for scripts/runtime-table.mjs
 *     … --version=<version>, --bin=<path>  another version, or a runtime that is installed
 *     … --only=<text>                      files whose path contains the text
 *     … --patience=<factor>                longer time limits, for a busy machine
 *
 * Each test must pass, or be declared in skips.mjs with its reason.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle.mjs';
import { install } from './install.mjs';
import { skips } from './skips.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    json: { type: 'string' },
    version: { type: 'string' },
    bin: { type: 'string' },
    only: { type: 'string', default: '' },
    patience: { type: 'string', default: '1' },
  },
});
const [name = 'node'] = positionals;

/** Time limit in ms of a test, and of a program with all tests of a file. */
const TEST_LIMIT = 20_000 * Number(values.patience);
const FILE_LIMIT = 180_000 * Number(values.patience);
/** A declared skip may hang, so it gets less time. */
const SKIP_LIMIT = 8_000;

const declared = (skips[name] ?? []).flatMap(({ reason, tests }) => tests.map((test) => ({ reason, test })));

/** The tests of CI: everything that a worker and its executor say to each other. */
const quick = [
  'test/backends/threads.test',
  'test/guarantees/g05-worker-ends.test',
  'test/guarantees/g13-process-life.test',
];

const files = filesToRun().filter((file) => file.includes(values.only));
mkdirSync(path.join(root, '.cache'), { recursive: true });
const work = mkdtempSync(path.join(root, '.cache/runtimes-'));
const { command, remove } = install(name, values.version, values.bin);
try {
  const version = (await run([.../** @type {[string]} */ (command.slice(0, 1)), '--version'])).text.match(
    /\d+\.\d+\.\d+/,
  )?.[0];
  await bundleTests(work, files);
  const tests = [];
  for (const file of files)
    tests.push(...(await testsOf(file, { skipped: declared.map(({ test }) => test) }, FILE_LIMIT)));
  const stale = values.all ? await skipsThatPass(tests) : [];
  conclude(version, tests, stale);
} finally {
  rmSync(work, { recursive: true, force: true });
  remove();
}

function filesToRun() {
  if (!values.all && values.only === '') return quick;
  const guarantees = readdirSync(path.join(root, 'test/guarantees'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/guarantees/${path.basename(file, '.ts')}`);
  const backends = ['threads', 'factory', 'inline', 'inline-module', 'processes'].map(
    (file) => `test/backends/${file}.test`,
  );
  return [
    ...backends,
    ...guarantees,
    'test/promises-aplus.test',
    'test/scheduling/termination/lingering-tasks.test',
    `test/runtimes/own/${name}`,
  ].filter((file) => existsSync(path.join(root, `${file}.ts`)));
}

/**
 * Runs a file of tests and returns a result for each of its tests.
 *
 * @param {string} file
 * @param {{ skipped?: readonly string[], only?: string }} selection
 * @param {number} limit ms
 * @returns {Promise<{ file: string, test: string, state: string, ms: number, error?: string }[]>}
 */
async function testsOf(file, { skipped = [], only = '' }, limit) {
  const report = path.join(work, 'report.jsonl');
  rmSync(report, { force: true });
  const bundle = pathToFileURL(path.join(work, `${file.replaceAll('/', '-')}.mjs`)).href;
  const request = { files: [bundle], skipped, only, limit: Math.min(limit, TEST_LIMIT) };
  const program = path.join(work, 'test-runtimes-program.mjs');
  const { code, text } = await run([...command, program, report, JSON.stringify(request)], limit);
  const lines = existsSync(report)
    ? readFileSync(report, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  const results = new Map();
  let isWhole = false;
  for (const { type, test, state, ms, error } of lines) {
    if (type === 'ended') results.set(test, { file, test, state, ms, error });
    if (type === 'starts')
      results.set(test, { file, test, state: 'failed', ms: 0, error: `the program ended with code ${code}\n${text}` });
    if (type !== 'file') continue;
    isWhole = true;
    if (error !== undefined) results.set('(file)', { file, test: '(the whole file)', state: 'failed', ms: 0, error });
  }
  if (!isWhole) {
    results.set('(file)', {
      file,
      test: '(the whole file)',
      state: 'failed',
      ms: 0,
      error: `the program ended with code ${code}\n${text}`,
    });
  }
  return [...results.values()];
}

/**
 * Returns the declared skips that pass, or that name no test.
 *
 * @param {{ file: string, test: string, state: string }[]} tests
 */
async function skipsThatPass(tests) {
  const stale = [];
  for (const { test: end } of declared) {
    const skipped = tests.filter(({ test, state }) => state === 'skipped' && test.endsWith(end));
    if (skipped.length === 0 && values.only === '') stale.push(`no test has this name: ${end}`);
    for (const { file, test } of skipped) {
      const [again] = (await testsOf(file, { only: test }, SKIP_LIMIT)).filter((result) => result.test === test);
      if (again?.state === 'passed') stale.push(`passes, so remove it from skips.mjs: ${file}: ${test}`);
    }
  }
  return stale;
}

/**
 * @param {string | undefined} version
 * @param {{ file: string, test: string, state: string, ms: number, error?: string }[]} tests
 * @param {readonly string[]} stale
 */
function conclude(version, tests, stale) {
  const count = (/** @type {string} */ state) => tests.filter((test) => test.state === state).length;
  for (const { file, test, state, error } of tests) {
    if (state === 'failed') console.log(`FAILED  ${file}: ${test}\n${String(error).replace(/^/gm, '        ')}`);
  }
  for (const text of stale) console.log(`FAILED  a declared skip ${text}`);
  console.log(
    `${name} ${version}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped${stale.length > 0 ? `, ${stale.length} skips are wrong` : ''}`,
  );
  if (values.json !== undefined) {
    const reasons = Object.fromEntries(declared.map(({ reason, test }) => [test, reason]));
    const results = tests.map(({ file, test, state, ms }) => ({
      file: `${file}.ts`,
      test,
      state,
      ms,
      reason: state === 'skipped' ? Object.entries(reasons).find(([end]) => test.endsWith(end))?.[1] : undefined,
    }));
    writeFileSync(
      values.json,
      `${JSON.stringify({ runtime: name, version, isWhole: values.all, tests: results }, undefined, 1)}\n`,
    );
  }
  if (count('failed') > 0 || stale.length > 0 || count('passed') === 0) process.exitCode = 1;
}

/**
 * @param {readonly string[]} command
 * @param {number} [limit] ms
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function run([file, ...args], limit = 60_000) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
    const child = spawn(/** @type {string} */ (file), args, { cwd: root, timeout: limit, killSignal: 'SIGKILL', env });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: null, text: String(error) }));
    child.on('close', (code) => resolve({ code, text: Buffer.concat(output).toString() }));
  });
}
