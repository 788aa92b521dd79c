// @ts-check
/**
 * Runs the same tests with each test runner, against the packed library.
 *
 *     npm run test:runners                  all projects
 *     npm run test:runners -- mocha jest    those whose names contain one of the words
 *
 * Each project is copied to a folder outside of the repository, so that nothing of the repository's
 * node_modules is found. The script prints a table and ends with code 1 if a run fails. A run fails
 * if its runner fails, does not exit by itself, or prints a complaint about work that was left.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../../../scripts/build.mjs';
import { projects } from './projects.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = path.join(here, '../../..');
// The folder stays, so that a second run installs nothing.
const home = path.join(tmpdir(), `rx-futures-runners-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`);

/** ms that a run may take. A runner that waits for an open handle would otherwise wait forever. */
const LONGEST_RUN = 240_000;

/** Lines that runners print if something is left when the tests are over. */
const COMPLAINTS = [
  /did not exit/i,
  /open handle/i,
  /failed to exit/i,
  /hanging-process/,
  /close timed out/i,
  /after the Jest environment has been torn down/,
  /Unhandled/,
  /Warning: /,
];

/** Warnings of Node and of runners about themselves. */
const EXPECTED =
  /ExperimentalWarning: (VM Modules|Type Stripping|CommonJS module|The MockTimers)|MODULE_TYPELESS_PACKAGE_JSON|npm warn/i;

const words = process.argv.slice(2);
const chosen = Object.entries(projects).filter(
  ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (chosen.length === 0) {
  console.error(`test:runners: no project is called "${words.join(' ')}". Use: ${Object.keys(projects).join(', ')}.`);
  process.exit(1);
}

const tarball = pack();
/** @type {{ project: string, run: string, result: string, seconds: string }[]} */
const rows = [];
for (const [name, project] of chosen) {
  if (Number.parseInt(process.versions.node, 10) < (project.node ?? 20)) {
    rows.push({ project: name, run: 'all', result: `skipped: needs Node ${project.node}`, seconds: '' });
    continue;
  }
  const folder = layOut(name, project.shared);
  for (const [run, args] of Object.entries(project.runs)) await check(name, run, folder, args);
  await checkFailure(name, folder, /** @type {readonly string[]} */ (Object.values(project.runs)[0]));
}
console.log(`\nNode ${process.versions.node}`);
console.table(rows);
const failed = rows.filter(({ result }) => result === 'FAILED').length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Packs the library and returns the path of the tarball. */
function pack() {
  mkdirSync(home, { recursive: true });
  if (!isBuilt()) throw new Error('test:runners: dist is missing or old. Run npm run build first.');
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', home];
  const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
  return path.join(home, filename);
}

/**
 * Copies a project, installs what its lock file names, and the library.
 *
 * @param {string} name
 * @param {readonly string[]} shared
 */
function layOut(name, shared) {
  const folder = path.join(home, name);
  const lock = readFileSync(path.join(here, name, 'package-lock.json'), 'utf8');
  const mark = path.join(folder, 'node_modules', '.installed');
  const isInstalled = existsSync(mark) && readFileSync(mark, 'utf8') === lock;
  const copy = { recursive: true, filter: (/** @type {string} */ file) => path.basename(file) !== 'node_modules' };
  cpSync(path.join(here, name), folder, copy);
  cpSync(path.join(here, 'shared', 'checks.cjs'), path.join(folder, 'checks.cjs'));
  for (const part of shared) cpSync(path.join(here, 'shared', part), folder, copy);
  if (!isInstalled) {
    console.log(`${name}: npm ci`);
    execFileSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
    writeFileSync(mark, lock);
  }
  const library = path.join(folder, 'node_modules', 'rx-futures');
  rmSync(library, { recursive: true, force: true });
  mkdirSync(library);
  // The lock file names the dependencies of the library, so npm does not have to install it.
  execFileSync('tar', ['-xzf', tarball, '-C', library, '--strip-components', '1']);
  return folder;
}

/**
 * Checks that the tests pass, and that nothing is left after them.
 *
 * @param {string} project
 * @param {string} run
 * @param {string} folder
 * @param {readonly string[]} args
 */
async function check(project, run, folder, args) {
  const start = performance.now();
  const { code, output } = await runNode(folder, args);
  const complaints = output
    .split('\n')
    .filter((line) => COMPLAINTS.some((complaint) => complaint.test(line)) && !EXPECTED.test(line));
  add(
    project,
    run,
    start,
    code === 0 && complaints.length === 0,
    `${output}\nexit code: ${code}\n${complaints.join('\n')}`,
  );
}

/**
 * Checks the report of a test whose task throws: it names the error, and the file of the task.
 *
 * @param {string} project
 * @param {string} folder
 * @param {readonly string[]} args
 */
async function checkFailure(project, folder, args) {
  const start = performance.now();
  const { code, output } = await runNode(folder, args, { FAILING: '1' });
  const isReadable = [/TypeError/, /no teapot/, /tasks\.[jt]s/].every((text) => text.test(output));
  add(project, 'a test that fails', start, code === 1 && isReadable, `${output}\nexit code: ${code}`);
}

/**
 * @param {string} project
 * @param {string} run
 * @param {number} start
 * @param {boolean} isRight
 * @param {string} output
 */
function add(project, run, start, isRight, output) {
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  if (!isRight) console.log(`── ${project}, ${run}\n${output}`);
  console.log(`${isRight ? 'ok' : 'FAILED'}  ${project}, ${run} (${seconds} s)`);
  rows.push({ project, run, result: isRight ? 'ok' : 'FAILED', seconds });
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<{ code: number | string, output: string }>}
 */
function runNode(cwd, args, env = {}) {
  const options = { cwd, env: { ...process.env, CI: 'true', NO_COLOR: '1', ...env }, timeout: LONGEST_RUN };
  return new Promise((resolve) => {
    const done = (/** @type {any} */ error, /** @type {string} */ stdout, /** @type {string} */ stderr) =>
      resolve({ code: error ? (error.killed ? 'it did not end' : error.code) : 0, output: `${stdout}\n${stderr}` });
    execFile(process.execPath, [...args], { ...options, maxBuffer: 2 ** 26 }, done);
  });
}
