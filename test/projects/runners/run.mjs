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
import { cpSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { COPY, Harness, runNode } from '../harness.mjs';
import { projects } from './projects.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const harness = new Harness('runners');

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

for (const [name, project] of harness.choose(projects)) {
  if (Number.parseInt(process.versions.node, 10) < (project.node ?? 20)) {
    harness.skip(name, `needs Node ${project.node}`);
    continue;
  }
  const folder = layOut(name, project.shared);
  for (const [title, args] of Object.entries(project.runs)) await check(name, title, folder, args);
  await checkFailure(name, folder, /** @type {readonly string[]} */ (Object.values(project.runs)[0]));
}
harness.report();

/**
 * Copies a project, installs what its lock file names, and the library.
 *
 * @param {string} name
 * @param {readonly string[]} shared
 */
function layOut(name, shared) {
  const folder = path.join(harness.home, name);
  cpSync(path.join(here, name), folder, COPY);
  cpSync(path.join(here, 'shared', 'checks.cjs'), path.join(folder, 'checks.cjs'));
  for (const part of shared) cpSync(path.join(here, 'shared', part), folder, COPY);
  harness.install(name);
  return folder;
}

/**
 * Checks that the tests pass, and that nothing is left after them.
 *
 * @param {string} project
 * @param {string} title
 * @param {string} folder
 * @param {readonly string[]} args
 */
async function check(project, title, folder, args) {
  const start = performance.now();
  const { code, output } = await run(folder, args);
  const complaints = output
    .split('\n')
    .filter((line) => COMPLAINTS.some((complaint) => complaint.test(line)) && !EXPECTED.test(line));
  harness.add(
    project,
    title,
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
  const { code, output } = await run(folder, args, { FAILING: '1' });
  const isReadable = [/TypeError/, /no teapot/, /tasks\.[jt]s/].every((text) => text.test(output));
  harness.add(project, 'a test that fails', start, code === 1 && isReadable, `${output}\nexit code: ${code}`);
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 */
async function run(cwd, args, env) {
  const { code, stdout, stderr } = await runNode(cwd, args, env);
  return { code, output: `${stdout}\n${stderr}` };
}
