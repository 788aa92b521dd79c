/**
 * Measures the speed of this library in Chromium and in Bun, beside libraries for web workers:
 *
 *     npm run bench:browser                      all rows; writes RESULTS-browsers.md
 *     npm run bench:browser -- 4 streamed        some rows, by number or by name
 *     npm run bench:browser -- --in Bun          some places: isolated, Chromium, Bun
 *     npm run bench:browser -- --quick           one round of a tenth of the work; checks that the
 *                                                rows run, without useful figures
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chosenRows } from '../harness/arguments.js';
import { describeMachine, versionsOf } from '../harness/machine.js';
import { runRounds } from '../harness/rounds.js';
import { environments } from './environments.js';
import { asMarkdown, type Column, rowAsMarkdown } from './report.js';
import { rows } from './rows/index.js';

const { values: options, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, in: { type: 'string', default: '' } },
  allowPositionals: true,
});
const chosen = chosenRows(rows, options.quick ? 'smoke' : 'full', positionals);
const places = Object.entries(environments).filter(([place]) => place.includes(options.in));
const machine = describeMachine();
if (machine.warning !== undefined) console.log(machine.warning);

const versions: string[] = [];
const columns = new Map<string, Column[]>(chosen.map(({ name }) => [name, []]));
for (const [place, open] of places) {
  const environment = await open();
  try {
    versions.push(environment.version);
    for (const row of chosen) {
      const standings = await runRounds(row, Object.keys(row.contenders), environment.start);
      columns.get(row.name)!.push({ place, standings });
      console.log(rowAsMarkdown({ row, columns: [{ place, standings }] }).join('\n'));
    }
  } finally {
    await environment.close();
  }
}
const results = chosen.map((row) => ({ row, columns: columns.get(row.name)! }));
if (!options.quick && positionals.length === 0 && options.in === '') {
  const named = [...new Set(versions), ...versionsOf(['rxjs', 'tinypool', 'comlink', 'threads', 'workerpool'])];
  writeFileSync(new URL('../RESULTS-browsers.md', import.meta.url), asMarkdown(results, machine, named));
  console.log('\nWritten to test/bench/RESULTS-browsers.md');
}
const hasFailure = results.some(({ columns }) =>
  columns.some(({ standings }) => standings.some(({ failure }) => failure !== undefined)),
);
process.exitCode = hasFailure ? 1 : 0;
