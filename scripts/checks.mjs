/**
 * Helpers of the check scripts in this folder. Each script starts programs, compares their output
 * with the expected line, prints a table and sets its exit code.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const program = fileURLToPath(new URL('./programs/tasks-and-result.mjs', import.meta.url));

/** The output of the program if everything works. */
export const RESULT = 'result {"chained":6,"streamed":[1,2,3],"mapped":[1,4,9],"seen":["half"],"status":"cancelled"}';

/** Time limit of a program in ms: many times the time that it needs on a busy machine. */
const HANGS_AFTER = 60_000;

/** Runs a program to its end. Resolves with its exit code and everything that it printed. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { timeout: HANGS_AFTER, killSignal: 'SIGKILL', ...options });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: null, text: String(error) }));
    child.on('close', (code) => resolve({ code, text: Buffer.concat(output).toString() }));
  });
}

/**
 * Prints a row for each check, `{ name, isOk, text }`, and sets the exit code. A failed check also
 * shows the output of its program.
 */
export function conclude(title, checks) {
  for (const { name, isOk, text } of checks) {
    console.log(`${isOk ? 'ok    ' : 'FAILED'}  ${name}`);
    if (!isOk) console.log(text.replace(/^/gm, '        '));
  }
  const failed = checks.filter(({ isOk }) => !isOk).length;
  console.log(`\n${title}: ${failed === 0 ? 'ok' : `FAILED (${failed} of ${checks.length})`}`);
  if (failed > 0) process.exitCode = 1;
}
