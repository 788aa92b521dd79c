// @ts-check
/**
 * Writes the table of docs/runtimes.md: which guarantee holds on which runtime.
 *
 *     node scripts/runtime-table.mjs <report>…
 *
 * Each report is a column, in the order of the arguments. `test/runtimes/run.mjs` writes one with
 * `--all --json=<file>`. Another runner may write one too:
 *
 *     { "runtime": "Chromium", "version": "140.0.0", "tests": [
 *       { "file": "test/guarantees/g01-final-future.test.ts", "test": "…", "state": "passed" } ] }
 *
 * `state` is passed, failed or skipped. A skipped test has a `reason`. docs/guarantees.md says
 * which file tests which guarantee.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Test
 * @property {string} file
 * @property {string} test
 * @property {string} state
 * @property {string} [reason]
 *
 * @typedef {object} Report
 * @property {string} runtime
 * @property {string} version
 * @property {readonly Test[]} tests
 *
 * @typedef {object} Guarantee
 * @property {string} name
 * @property {string} title
 * @property {readonly string[]} files
 */

const BEGIN = '<!-- runtimes -->';
const END = '<!-- /runtimes -->';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = new URL('../docs/runtimes.md', import.meta.url);
  const guarantees = guaranteesOf(readFileSync(new URL('../docs/guarantees.md', import.meta.url), 'utf8'));
  const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
  if (reports.length === 0) throw new Error('Pass the reports of runs: node scripts/runtime-table.mjs <report>…');
  const [before, after] = readFileSync(page, 'utf8').split(new RegExp(`(?<=${BEGIN}\n)[^]*(?=${END})`));
  if (after === undefined) throw new Error(`docs/runtimes.md has no part between ${BEGIN} and ${END}.`);
  writeFileSync(page, `${before}${tableOf(guarantees, reports)}${after}`);
}

/**
 * Returns the guarantees with the files that test them.
 *
 * @param {string} text docs/guarantees.md
 * @returns {Guarantee[]}
 */
export function guaranteesOf(text) {
  return text
    .split(/^## (?=G\d)/m)
    .slice(1)
    .map((part) => {
      const [, name, title] = /** @type {RegExpMatchArray} */ (part.match(/^(G\d+) (.*)/));
      const files = [...part.matchAll(/\/blob\/main\/(test\/[^)]+)\)/g)].map(([, file]) => file);
      return /** @type {Guarantee} */ ({ name, title, files });
    });
}

/**
 * Returns the table, and below it the reasons of all tests that a runtime skips.
 *
 * @param {readonly Guarantee[]} guarantees
 * @param {readonly Report[]} reports
 */
export function tableOf(guarantees, reports) {
  const head = ['guarantee', ...reports.map(titleOf)];
  const rows = [
    head,
    ...guarantees.map((guarantee) => [
      `[${guarantee.name} ${guarantee.title}](guarantees.md#${anchorOf(guarantee)})`,
      ...reports.map(({ tests }) => cellOf(testsOf(tests, guarantee))),
    ]),
  ];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(Number(widths[i]))).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return `${lines.join('\n')}\n\n${reports.map((report) => reasonsOf(guarantees, report)).join('')}`;
}

/** @param {Report} report */
function titleOf({ runtime, version }) {
  return `${runtime.charAt(0).toUpperCase()}${runtime.slice(1)} ${version}`;
}

/** The anchor of the heading in docs/guarantees.md. @param {Guarantee} guarantee */
function anchorOf({ name, title }) {
  return `${name} ${title}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-');
}

/**
 * @param {readonly Test[]} tests
 * @param {Guarantee} guarantee
 */
function testsOf(tests, { files }) {
  return tests.filter(({ file }) => files.includes(file));
}

/** @param {readonly Test[]} tests */
function cellOf(tests) {
  const passed = tests.filter(({ state }) => state === 'passed').length;
  if (tests.length === 0) return '–';
  if (tests.some(({ state }) => state === 'failed')) return `✗ ${passed} of ${tests.length}`;
  return passed === tests.length ? `✓ ${passed}` : `◐ ${passed} of ${tests.length}`;
}

/**
 * @param {readonly Guarantee[]} guarantees
 * @param {Report} report
 */
function reasonsOf(guarantees, report) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const guarantee of guarantees) {
    for (const { state, test, reason } of testsOf(report.tests, guarantee)) {
      if (state !== 'skipped' || reason === undefined) continue;
      const title = test.split(' > ').at(-1);
      reasons.set(reason, [...(reasons.get(reason) ?? []), `${guarantee.name}: ${title}`]);
    }
  }
  if (reasons.size === 0) return '';
  const items = [...reasons].map(([reason, tests]) => `- ${reason}\n${tests.map((test) => `  - ${test}\n`).join('')}`);
  return `Tests that do not hold on ${titleOf(report)}, with the reason:\n\n${items.join('')}\n`;
}
