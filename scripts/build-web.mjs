// @ts-check
/**
 * Builds `dist/web/`, the files for browsers, from the same sources. The condition `browser` in
 * `imports` of package.json chooses the platform and the backends.
 *
 * docs/decisions/0055-browsers.md has the reasons.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(path.join(root, 'dist/web'), { recursive: true, force: true });
await esbuild.build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/web.ts',
    worker: 'src/worker.ts',
    testing: 'src/testing.ts',
    // `backends/web/start-worker.ts` names this file.
    'worker-host': 'src/backends/web/module-host.ts',
  },
  outdir: path.join('dist', 'web'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['browser'],
  // Bundlers keep only those parts of rxjs that a program uses, and an import map needs one line.
  external: ['rxjs'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
