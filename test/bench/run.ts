/**
 * Measures the speed of this library beside other libraries.
 *
 *     npm run bench                     all rows, in about 25 minutes; writes RESULTS.md and the
 *                                       table of docs/performance.md. On other Nodes than 20 it
 *                                       writes RESULTS-<major version>.md alone
 *     npm run bench -- 4 sequential     some rows, by number or by name
 *     npm run bench -- --check          all rows; compares the figures with the bounds of the rows,
 *                                       and writes nothing
 *     npm run bench -- --quick          two short rows, in seconds
 *     npm run bench -- --smoke          one round of every row, with a tenth of the work; checks
 *                                       that the rows run, without useful figures
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chosenRows, parseArguments } from './harness/arguments.js';
import { ContenderProcess } from './harness/contender.js';
import { insertSpeed, speedTable } from './harness/headlines.js';
import { describeMachine } from './harness/machine.js';
import { areBoundsKept, asMarkdown, checkAsText, type Result, rowAsText } from './harness/report.js';
import { runRounds } from './harness/rounds.js';
import type { Row } from './harness/row.js';
import { rows, urlOf } from './rows/index.js';

const { version, wanted, isCheck, chosen } = readCommandLine();
const machine = describeMachine();
console.log(
  `${machine.cores} cores (${machine.cpu}), ${machine.memory}, Node ${machine.node}; ${machine.packages}; two workers everywhere`,
);
if (machine.warning !== undefined) console.log(machine.warning);

const results: Result[] = [];
for (const row of chosen) {
  const result = { row, standings: await runRounds(row, contendersOf(row), start) };
  console.log(rowAsText(result));
  results.push(result);
}
if (isCheck) {
  console.log(`\n${checkAsText(results)}`);
} else if (version === 'full' && wanted.length === 0) {
  const major = machine.node.split('.')[0];
  const isDocumented = major === '20';
  const name = isDocumented ? 'RESULTS.md' : `RESULTS-${major}.md`;
  writeFileSync(new URL(`./${name}`, import.meta.url), asMarkdown(results, machine));
  console.log(`\nWritten to test/bench/${name}`);
  if (isDocumented) {
    const page = new URL('../../docs/performance.md', import.meta.url);
    writeFileSync(page, insertSpeed(readFileSync(page, 'utf8'), speedTable(results, machine)));
    console.log('Written to docs/performance.md');
  }
}
const hasFailure = results.some(({ standings }) => standings.some(({ failure }) => failure !== undefined));
process.exitCode = hasFailure || (isCheck && !areBoundsKept(results)) ? 1 : 0;

function start(row: Row, name: string): Promise<ContenderProcess> {
  return ContenderProcess.start(urlOf(row), name, row.warmUp);
}

function contendersOf(row: Row): string[] {
  return Object.entries(row.contenders)
    .filter(([, { only }]) => only === undefined || only === version)
    .map(([name]) => name);
}

/** Reads the command line. Prints a message and exits with 2 if it is not valid. */
function readCommandLine() {
  try {
    const { version, wanted, isCheck } = parseArguments(process.argv.slice(2));
    return { version, wanted, isCheck, chosen: chosenRows(rows, version, wanted) };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
