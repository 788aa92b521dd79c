// @ts-check
/** Runs one file of tests on a runtime, in a program of its own, and returns its results. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** @import { Line, Request, State } from './program.js' */

/**
 * @typedef {object} Result
 * @property {string} file path in the repository
 * @property {string} test titles of the blocks around the test, and its own
 * @property {string} [topic]
 * @property {State} state
 * @property {string} [error]
 *
 * @typedef {object} Program
 * @property {readonly string[]} command runs a program on the runtime
 * @property {string} work folder of the bundles
 * @property {string} file path in the repository, with or without `.ts`
 * @property {number} limit longest time in ms
 */

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @param {Program} program
 * @param {Omit<Request, 'files'>} selection
 * @returns {Promise<Result[]>}
 */
export async function runFile({ command, work, file: source, limit }, selection) {
  const file = source.replace(/\.ts$/, '');
  const report = path.join(work, 'report.jsonl');
  rmSync(report, { force: true });
  const bundle = pathToFileURL(path.join(work, `${file.replaceAll('/', '-')}.mjs`)).href;
  /** @type {Request} */
  const request = { files: [bundle], ...selection };
  const program = path.join(work, 'test-runtimes-program.mjs');
  const end = await run([...command, program, report, JSON.stringify(request)], limit);
  return resultsOf(`${file}.ts`, linesOf(report), `the program ended with code ${end.code}\n${end.text}`);
}

/** @param {string} report @returns {Line[]} */
function linesOf(report) {
  if (!existsSync(report)) return [];
  const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/**
 * @param {string} file
 * @param {readonly Line[]} lines
 * @param {string} end how the program ended
 * @returns {Result[]}
 */
function resultsOf(file, lines, end) {
  /** @type {Map<string, Result>} */
  const results = new Map();
  const fail = (/** @type {string} */ test, /** @type {string | undefined} */ error) =>
    results.set(test, { file, test, state: 'failed', error });
  for (const line of lines) {
    if (line.type === 'starts') fail(line.test, end);
    else if (line.type === 'ended') {
      const { test, state, error, topic } = line;
      results.set(test, { file, test, state, error, topic });
    } else if (line.error !== undefined) fail('(the whole file)', line.error);
  }
  if (!lines.some(({ type }) => type === 'file')) fail('(the whole file)', end);
  return [...results.values()];
}

/**
 * @param {readonly string[]} command
 * @param {number} limit ms
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function run([file = '', ...args], limit) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
    const child = spawn(file, args, { cwd: root, timeout: limit, killSignal: 'SIGKILL', env });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: null, text: String(error) }));
    child.on('close', (code) => resolve({ code, text: Buffer.concat(output).toString() }));
  });
}
