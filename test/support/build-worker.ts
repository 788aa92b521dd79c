import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Builds the ES modules before the tests run, because workers load built JavaScript. Does nothing
 * if dist was built from the present sources.
 */
export default function buildWorker(): void {
  const program = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  execFileSync(process.execPath, [program, '--quick'], { stdio: 'inherit' });
}
