/**
 * Prints "<passed> <failed>" for a run of vitest: `node scripts/count-tests.mjs <report.json> <exit code>`. A run that failed without a failed
 * test (a file that doesn't load, an error outside of tests, no report at all) counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs';

const [file, exitCode] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = report;
console.log(passed, failed === 0 && exitCode !== '0' ? 1 : failed);
