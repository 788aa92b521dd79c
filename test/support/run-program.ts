/** Runs a small program (test/fixtures/programs) to its end, in a separate Node process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  /** The exit code, or null if the program was killed because it did not exit. */
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Time limit of a program in ms, many times the time that it needs. */
const HANGS_AFTER = 15_000;

interface How {
  readonly nodeOptions?: string[];
  readonly args?: string[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly hangsAfter?: number;
  /** Maximum number of open files of the program. */
  readonly openFiles?: number;
}

export function runProgram(file: URL, how: How = {}): Promise<Ended> {
  const { nodeOptions = [], args = [], env = {}, hangsAfter = HANGS_AFTER, openFiles } = how;
  return new Promise((resolve, reject) => {
    const node = [process.execPath, ...nodeOptions, fileURLToPath(file), ...args];
    const [command, ...rest] =
      openFiles === undefined ? node : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh', ...node];
    const child = spawn(command!, rest, { timeout: hangsAfter, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, lines: stdout.split('\n').filter(Boolean), stderr }));
  });
}
