// @ts-check
/**
 * Bundles the same program with each bundler, together with the packed library, and runs the
 * bundles.
 *
 *     npm run test:bundlers                  all projects
 *     npm run test:bundlers -- esbuild vite  those whose names contain one of the words
 *
 * A project is built in a folder outside of the repository. Then its bundle alone is moved to
 * another folder, and the packages are hidden, because a bundler may have written their paths into
 * the bundle. The script prints a table and ends with code 1 if a run fails.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../../browser/chromium.mjs';
import { COPY, Harness, runNode } from '../harness.mjs';
import { openPages } from './open-page.mjs';
import { projects } from './projects.mjs';

/** @typedef {import('./projects.mjs').Run} Run */

const here = fileURLToPath(new URL('./', import.meta.url));
const harness = new Harness('bundlers');

/** Next.js sends nothing about its use. */
const ENV = { NEXT_TELEMETRY_DISABLED: '1' };

/** Warnings of bundlers about the code of the library. A user would see them in each build. */
const COMPLAINTS = /critical dependency|unresolved|module not found|can't resolve|could not resolve|warning/i;

/** The folder for packages that the bundles must not find. */
const HIDDEN = 'hidden';

for (const [name, project] of harness.choose(projects)) {
  const folder = layOut(name);
  for (const [title, args] of Object.entries(project.builds)) await build(name, title, folder, args);
  const restore = hide(folder, project.hidden);
  try {
    for (const [title, run] of Object.entries(project.runs)) await check(name, title, folder, run);
  } finally {
    restore();
  }
}
harness.report();

/**
 * Hides packages from the bundles, and returns a function that restores them.
 *
 * @param {string} folder
 * @param {readonly string[] | undefined} names
 */
function hide(folder, names) {
  const packages = path.join(folder, 'node_modules');
  const hidden = path.join(folder, HIDDEN);
  if (names === undefined) {
    renameSync(packages, hidden);
    return () => renameSync(hidden, packages);
  }
  mkdirSync(hidden);
  const move = (/** @type {string} */ from, /** @type {string} */ to) => {
    for (const name of names) renameSync(path.join(from, name), path.join(to, name));
  };
  move(packages, hidden);
  return () => {
    move(hidden, packages);
    rmSync(hidden, { recursive: true });
  };
}

/**
 * Copies a project and the sources of the programs, and installs what its lock file names, and the
 * library.
 *
 * @param {string} name
 */
function layOut(name) {
  const folder = path.join(harness.home, name);
  const packages = path.join(folder, 'node_modules');
  // A run that was killed has left packages hidden, so everything is installed again.
  if (existsSync(path.join(folder, HIDDEN))) rmSync(packages, { recursive: true, force: true });
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (file !== 'node_modules') rmSync(path.join(folder, file), { recursive: true });
  }
  cpSync(path.join(here, name), folder, COPY);
  cpSync(path.join(here, 'shared'), path.join(folder, 'src'), COPY);
  harness.install(name);
  return folder;
}

/**
 * Runs a bundler, which must not complain about the library.
 *
 * @param {string} project
 * @param {string} title
 * @param {string} folder
 * @param {readonly string[]} args
 */
async function build(project, title, folder, args) {
  const start = performance.now();
  const { code, output } = await run(folder, args);
  harness.add(
    project,
    `build: ${title}`,
    start,
    code === 0 && !COMPLAINTS.test(output),
    `${output}\nexit code: ${code}`,
  );
}

/**
 * Runs a bundle, and compares its files and what it prints.
 *
 * @param {string} project
 * @param {string} title
 * @param {string} folder
 * @param {Run} run
 */
async function check(project, title, folder, { bundle, files = [], others, start: args, failedIn, fails }) {
  const start = performance.now();
  if (bundle !== undefined && !existsSync(path.join(folder, bundle))) {
    harness.add(project, title, start, false, 'There is no bundle.');
    return;
  }
  if (args === undefined && findChromium() === undefined) {
    harness.skip(project, 'Chromium is not installed', title);
    return;
  }
  const place = bundle === undefined ? folder : moved(path.join(folder, bundle));
  const expected = files.toSorted().join('\n');
  const scripts = bundle === undefined ? [] : scriptsIn(place);
  const found = scripts.filter((file) => files.includes(file) || !others?.test(file)).join('\n');
  const { code, output } = args === undefined ? await openTwice(place) : await run(place, args);
  const isRight =
    fails === undefined ? code === 0 && withoutHashes(output) === printed(failedIn) : code === 1 && fails.test(output);
  const story = `files:\n${found}\nexpected:\n${expected}\noutput:\n${output}\nexit code: ${code}`;
  harness.add(project, title, start, isRight && found === expected, story);
}

/**
 * Copies a bundle to a folder that contains nothing else, and returns its path.
 *
 * @param {string} bundle
 */
function moved(bundle) {
  const place = path.join(harness.home, 'bundle');
  rmSync(place, { recursive: true, force: true });
  cpSync(bundle, place, { recursive: true });
  writeFileSync(path.join(place, 'package.json'), '{ "type": "module" }\n');
  return place;
}

/**
 * Lists the scripts of a bundle.
 *
 * @param {string} folder
 */
function scriptsIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?js$/.test(file))
    .map((file) => file.replaceAll(path.sep, '/'))
    .toSorted();
}

/**
 * Opens the page of a bundle with and without shared memory, which has to print the same. Vite has
 * a page of its own in the bundle.
 *
 * @param {string} place
 */
async function openTwice(place) {
  const page = path.join(place, 'page.html');
  if (!existsSync(page)) cpSync(path.join(here, 'shared/page.html'), page);
  const { isolated, unshared } = await openPages(place);
  const output = withoutHash(isolated);
  return output === withoutHash(unshared)
    ? { code: 0, output }
    : { code: 1, output: `${output}without shared memory:\n${unshared}` };
}

/**
 * Removes the hash that Vite puts into the name of a worker's file, and the number that webpack
 * gives it.
 *
 * @param {string} text
 */
function withoutHash(text) {
  return text.replace(/-[\w-]{8}(?=\.js\n)/, '').replace(/ \d+(?=\.js\n)/, ' <number>');
}

/**
 * Removes the hash that Turbopack puts into the names of files.
 *
 * @param {string} text
 */
function withoutHashes(text) {
  return text.replaceAll(/[-_][\w~-]{13}(?=\.js\n)/g, '');
}

/**
 * Returns what shared/checks.js prints if each feature works.
 *
 * @param {string | undefined} failedIn
 */
function printed(failedIn) {
  return `chain: 8
a future is an Observable of the program: true
map: 2 4 6
a function: 2
error: true no teapot in ${failedIn}
cancel: true enough and on the worker enough
shutdown: closed
`;
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 */
async function run(cwd, args) {
  const { code, stdout, stderr } = await runNode(cwd, args, ENV);
  return { code, output: `${stdout}${stderr}` };
}
