// @ts-check
/**
 * Runs the conformance suite and the guarantees on all runtimes, and writes the tables of
 * docs/runtimes.md. It takes about half an hour on 2 cores, and needs Linux on x64 and Chromium.
 *
 *     npm run runtimes
 *     npm run runtimes -- --reports=<folder>   uses the reports in the folder, and adds the others
 *
 * A report that is already in the folder is not made again. So a run that was stopped can continue,
 * and a report can come from another machine:
 *
 *     node test/runtimes/run.mjs node --tables --json=<file>
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { guaranteesOf, tablesOf, withTables } from './runtime-table.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The columns: the name of each report, and the program that writes it. */
const runs = [
  ...[20, 22, 24, 26].map((version) => ({
    report: `node-${version}`,
    program: ['test/runtimes/run.mjs', 'node', '--tables', `--version=${version}`],
  })),
  { report: 'chromium-isolated', program: ['test/browser/run.mjs', '--mode=isolated'] },
  { report: 'chromium-unshared', program: ['test/browser/run.mjs', '--mode=unshared'] },
  { report: 'bun', program: ['test/runtimes/run.mjs', 'bun', '--tables'] },
  { report: 'deno', program: ['test/runtimes/run.mjs', 'deno', '--tables'] },
];

const { values } = parseArgs({ options: { reports: { type: 'string' } } });
const folder = path.resolve(values.reports ?? path.join(root, '.cache/runtime-reports', String(Date.now())));
mkdirSync(folder, { recursive: true });

const reports = runs.map(({ report, program }) => {
  const file = path.join(folder, `${report}.json`);
  if (!existsSync(file)) {
    console.log(`── ${report}`);
    const { status } = spawnSync(process.execPath, [...program, `--json=${file}`], { cwd: root, stdio: 'inherit' });
    if (status !== 0) {
      rmSync(file, { force: true });
      throw new Error(`Tests failed on ${report}. Continue with --reports=${folder} when they pass.`);
    }
  }
  return JSON.parse(readFileSync(file, 'utf8'));
});

const page = path.join(root, 'docs/runtimes.md');
const guarantees = guaranteesOf(readFileSync(path.join(root, 'docs/guarantees.md'), 'utf8'));
writeFileSync(page, withTables(readFileSync(page, 'utf8'), tablesOf(guarantees, reports)));
console.log('docs/runtimes.md is written.');
