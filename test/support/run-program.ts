/** Runs a small program (test/programs) in a Node process of its own, to its end. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  /** null when it had to be killed, since it did not end by itself. */
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** ms after which a program that does not end is taken to hang: many times what one needs. */
const HANGS_AFTER = 15_000;

export function runProgram(
  file: URL,
  {
    nodeOptions = [],
    args = [],
    hangsAfter = HANGS_AFTER,
  }: { nodeOptions?: string[]; args?: string[]; hangsAfter?: number } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(file), ...args], { timeout: hangsAfter });
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
