import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Builds the worker before the tests run, because workers load built JavaScript. The build leaves
 * out the types, and takes about half a second.
 */
export default function buildWorker(): void {
  const tsup = path.join(
    path.dirname(createRequire(import.meta.url).resolve('tsup/package.json')),
    'dist/cli-default.js',
  );
  execFileSync(process.execPath, [tsup, '--no-dts', '--silent'], { stdio: 'inherit' });
}
