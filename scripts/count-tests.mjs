/**
 * Prints "<passed> <failed>" for a run of vitest:
 *
 *   node scripts/count-tests.mjs <report.json> <exit code>
 *
 * If the run failed although no test failed, it counts as one failure. Examples: a file that does
 * not load, an error outside of tests, a missing report.
 */
import { existsSync, readFileSync } from 'node:fs';

const [file, exitCode] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = report;
console.log(passed, failed === 0 && exitCode !== '0' ? 1 : failed);
