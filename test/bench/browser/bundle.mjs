// @ts-check
/** Bundles the page and the files of the workers, as a program for browsers does it. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const here = fileURLToPath(new URL('./', import.meta.url));

/** @param {string} outdir */
export async function bundleBench(outdir) {
  const workers = readdirSync(path.join(here, 'workers')).map((file) => path.join(here, 'workers', file));
  await esbuild.build({
    entryPoints: [path.join(here, 'page.mjs'), ...workers],
    outbase: here,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // workerpool requires them on Node alone.
    external: ['worker_threads', 'os', 'child_process'],
    logLevel: 'warning',
  });
}
