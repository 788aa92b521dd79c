// @ts-check
/**
 * Builds `dist/dashboard/`, the page that the entry `dashboard` serves. The charts (uPlot) are part
 * of it, so that a user installs and builds nothing.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'src/dashboard/page');
const out = path.join(root, 'dist/dashboard');

mkdirSync(out, { recursive: true });
await esbuild.build({
  absWorkingDir: root,
  entryPoints: { page: path.join(page, 'page.ts'), styles: path.join(page, 'styles.css') },
  entryNames: '[name]',
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  // The licence of uPlot asks for its notice.
  legalComments: 'inline',
  logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg']) copyFileSync(path.join(page, file), path.join(out, file));
