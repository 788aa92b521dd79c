// @ts-check
/**
 * Makes the files of the library that programs of the playground load: docs/public/playground has
 * `rx-futures/`, a copy of dist/web, and `rxjs.js`. It takes them from the present sources.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(root, 'docs/public/playground');

execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--quick'], { stdio: 'inherit' });
rmSync(path.join(out, 'rx-futures'), { recursive: true, force: true });
cpSync(path.join(root, 'dist/web'), path.join(out, 'rx-futures'), { recursive: true });
await esbuild.build({
  absWorkingDir: root,
  stdin: { contents: `export * from 'rxjs';`, resolveDir: root },
  outfile: path.join(out, 'rxjs.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
