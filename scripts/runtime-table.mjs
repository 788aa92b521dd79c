// @ts-check
/**
 * Makes the tables of docs/runtimes.md from reports of test runs. They show which guarantee, and
 * which part of the conformance suite, holds on which runtime. scripts/runtimes.mjs writes the
 * reports.
 *
 * A report has the result of each test:
 *
 *     { "runtime": "Bun", "version": "1.4.5",
 *       "tests": [{ "file": "test/guarantees/g01-x.test.ts", "test": "…", "state": "passed" }],
 *       "notRun": [{ "file": "test/guarantees/g13-process-life.test.ts", "reason": "…" }] }
 *
 * `state` is passed, failed or skipped. A skipped test has a `reason`. A test of the conformance
 * suite has its `topic`.
 */

/**
 * @typedef {object} Test
 * @property {string} file
 * @property {string} test
 * @property {string} state
 * @property {string} [reason]
 * @property {string} [topic]
 *
 * @typedef {object} Report
 * @property {string} runtime
 * @property {string} version
 * @property {readonly Test[]} tests
 * @property {readonly { file: string, reason: string }[]} [notRun] files of guarantees
 *
 * @typedef {object} Guarantee
 * @property {string} name
 * @property {string} title
 * @property {readonly string[]} files
 *
 * @typedef {object} Cell
 * @property {number} passed
 * @property {number} failed
 * @property {ReadonlyMap<string, number>} missing number of tests that do not hold, by reason
 */

const BEGIN = '<!-- runtimes -->';
const END = '<!-- /runtimes -->';

/** The conformance suite counts once: on threads, or on web workers. */
const SUITES = ['test/backends/threads.test.ts', 'test/browser/page.ts'];

/**
 * Returns the page with new tables.
 *
 * @param {string} page docs/runtimes.md
 * @param {string} tables
 */
export function withTables(page, tables) {
  const [before, after] = page.split(new RegExp(`(?<=${BEGIN}\n)[^]*(?=${END})`));
  if (after === undefined) throw new Error(`docs/runtimes.md has no part between ${BEGIN} and ${END}.`);
  return `${before}\n${tables}\n${after}`;
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
      const [, name = '', title = ''] = part.match(/^(G\d+) (.*)/) ?? [];
      const files = [...part.matchAll(/\/blob\/main\/(test\/[^)]+)\)/g)].map(([, file = '']) => file);
      return { name, title, files };
    });
}

/**
 * Returns both tables, and the reasons that their cells name by number.
 *
 * @param {readonly Guarantee[]} guarantees
 * @param {readonly Report[]} reports
 */
export function tablesOf(guarantees, reports) {
  const topics = [...new Set(reports.flatMap(({ tests }) => suiteOf(tests).map(({ topic = '' }) => topic)))];
  const rows = [
    ...guarantees.map((guarantee) => ({
      title: `[${guarantee.name} ${guarantee.title}](guarantees.md#${anchorOf(guarantee)})`,
      cells: reports.map((report) => cellOf(guarantee, report, reports)),
    })),
    ...topics.map((topic) => ({
      title: topic,
      cells: reports.map(({ tests }) => counted(suiteOf(tests).filter((test) => test.topic === topic))),
    })),
  ];
  const reasons = [...new Set(rows.flatMap(({ cells }) => cells.flatMap(({ missing }) => [...missing.keys()])))];
  const lines = rows.map(({ title, cells }) => [title, ...cells.map((cell) => textOf(cell, reasons))]);
  const names = reports.map(({ runtime, version }) => `${runtime} ${version}`);
  const notes = reasons.map((reason, i) => {
    const counts = names.flatMap((name, column) => {
      const count = sum(rows.map(({ cells }) => cells[column]?.missing.get(reason) ?? 0));
      return count === 0 ? [] : [` ${name}: ${count} ${count === 1 ? 'test' : 'tests'}.`];
    });
    return `${i + 1}. ${reason.charAt(0).toUpperCase()}${reason.slice(1)}.${counts.join('')}\n`;
  });
  return [
    table(['Guarantee', ...names], lines.slice(0, guarantees.length)),
    table(['Conformance suite', ...names], lines.slice(guarantees.length)),
    `The reasons, with the number of tests:\n\n${notes.join('')}`,
  ].join('\n');
}

/**
 * Returns the cell of a guarantee. A file that a runtime does not run has as many tests as
 * elsewhere.
 *
 * @param {Guarantee} guarantee
 * @param {Report} report
 * @param {readonly Report[]} all
 * @returns {Cell}
 */
function cellOf({ files }, { tests, notRun = [] }, all) {
  const cell = counted(tests.filter(({ file }) => files.includes(file)));
  const missing = new Map(cell.missing);
  for (const { file, reason } of notRun.filter(({ file }) => files.includes(file))) {
    const count = Math.max(...all.map((other) => other.tests.filter((test) => test.file === file).length));
    missing.set(reason, (missing.get(reason) ?? 0) + count);
  }
  return { ...cell, missing };
}

/**
 * @param {readonly Test[]} tests
 * @returns {Cell}
 */
function counted(tests) {
  /** @type {Map<string, number>} */
  const missing = new Map();
  for (const { file, test, state, reason } of tests) {
    if (state !== 'skipped') continue;
    if (reason === undefined) throw new Error(`A report skips a test without a reason: ${file}: ${test}`);
    missing.set(reason, (missing.get(reason) ?? 0) + 1);
  }
  const count = (/** @type {string} */ wanted) => tests.filter(({ state }) => state === wanted).length;
  return { passed: count('passed'), failed: count('failed'), missing };
}

/**
 * @param {Cell} cell
 * @param {readonly string[]} reasons
 */
function textOf({ passed, failed, missing }, reasons) {
  const total = passed + failed + sum([...missing.values()]);
  const notes = [...missing.keys()].map((reason) => reasons.indexOf(reason) + 1).sort((a, b) => a - b);
  const why = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  if (total === 0) return '–';
  if (passed === total) return `✓ ${passed}`;
  return `${failed > 0 ? '✗' : passed > 0 ? '◐' : '–'} ${passed} of ${total}${why}`;
}

/** The tests of the conformance suite. @param {readonly Test[]} tests */
function suiteOf(tests) {
  return tests.filter(({ file, topic }) => topic !== undefined && SUITES.includes(file));
}

/** The anchor of the heading in docs/guarantees.md. @param {Guarantee} guarantee */
function anchorOf({ name, title }) {
  return `${name} ${title}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-');
}

/** @param {readonly number[]} counts */
function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const widths = head.map((title, i) => Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map((s) => s.length)));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}
