/**
 * Runs the same faults with this library and with others, each in a separate process, and prints a
 * Markdown table.
 *
 *   npm run trials                              all faults, the table to stdout
 *   npm run trials -- --fault exit              one fault (may be repeated)
 *   npm run trials -- --contender piscina       one contender (may be repeated)
 *   npm run trials -- --markdown docs/reliability.md
 *                                               writes the table into that file, between
 *                                               <!-- trials --> and <!-- /trials -->
 *
 * Exits with 1 if a cell of this library is not ✓.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { versionOf } from './contenders/locate.mjs';
import { faults } from './faults/index.mjs';
import { type Cell, runTrial } from './run-trial.js';
import { insertTable, table } from './table.js';

const OURS = 'rx-futures';
const CONTENDERS = [OURS, 'tinypool', 'piscina', 'workerpool', 'poolifier'];

const { values } = parseArgs({
  options: {
    fault: { type: 'string', multiple: true },
    contender: { type: 'string', multiple: true },
    markdown: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
});

const rows = faults.filter(({ id }) => values.fault?.includes(id) ?? true);
const columns = values.contender ?? CONTENDERS;
const cells = new Map<string, Cell>();
const queue = rows.flatMap(({ id }) => columns.map((contender) => ({ contender, id })));
const total = queue.length;

async function work(): Promise<void> {
  for (let trial = queue.shift(); trial !== undefined; trial = queue.shift()) {
    cells.set(`${trial.contender} ${trial.id}`, await runTrial(trial.contender, trial.id));
    if (process.stderr.isTTY) process.stderr.write(`\r${cells.size}/${total} `);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
if (process.stderr.isTTY) process.stderr.write('\r');

const text = table(
  columns.map((contender) => `${contender} ${versionOf(contender)}`),
  rows.map(({ id, title }) => ({ title, cells: columns.map((contender) => cells.get(`${contender} ${id}`) as Cell) })),
);

if (values.markdown === undefined) console.log(text);
else writeFileSync(values.markdown, insertTable(readFileSync(values.markdown, 'utf8'), text));

const bad = rows.filter(({ id }) => columns.includes(OURS) && !cells.get(`${OURS} ${id}`)?.isWhole);
for (const { id } of bad) console.error(`${OURS}, ${id}: ${JSON.stringify(cells.get(`${OURS} ${id}`))}`);
process.exitCode = bad.length === 0 ? 0 : 1;
