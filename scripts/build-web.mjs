// @ts-check
/**
 * Builds `dist/web/`, the files for browsers, from the same sources. The condition `browser` in
 * `imports` of package.json chooses the platform and the backends.
 *
 * A bundler leaves out whole files that a program does not use. So futures with their operators and
 * combinators are a file of their own (`futures`), apart from the engine of an executor.
 *
 * docs/decisions/0055-browsers.md has the reasons.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(root, 'dist/web');

/** An import of a chunk for its side effects. The library has none, and bundlers would warn. */
const BARE_IMPORT = /^import "\.\/chunk-\w+\.js";\n/gm;

const { outputFiles } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/web.ts',
    worker: 'src/worker.ts',
    testing: 'src/testing.ts',
    // `backends/web/start-worker.ts` names this file.
    'worker-host': 'src/backends/web/module-host.ts',
    // No program imports these. They separate the code that the entries share.
    executor: 'src/executor.ts',
    futures: 'futures',
  },
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['browser'],
  // Bundlers keep only those parts of rxjs that a program uses, and an import map needs one line.
  external: ['rxjs'],
  // Removes the traces, which a browser does not print.
  minifySyntax: true,
  logLevel: 'warning',
  plugins: [{ name: 'futures', setup: addFutures }],
  write: false,
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const { path: file, text } of outputFiles) writeFileSync(file, text.replace(BARE_IMPORT, ''));

/**
 * Makes the module `futures`, which exports everything that works without an executor.
 *
 * @param {import('esbuild').PluginBuild} build
 */
function addFutures(build) {
  const files = ['operators', 'combinators'].flatMap((folder) =>
    readdirSync(path.join(root, 'src', folder)).map((file) => `${folder}/${file}`),
  );
  const exported = ['future/future.ts', 'future/deferred.ts', ...files];
  build.onResolve({ filter: /^futures$/ }, ({ path: name }) => ({ path: name, namespace: 'futures' }));
  build.onLoad({ filter: /./, namespace: 'futures' }, () => ({
    contents: exported.map((file) => `export * from './${file}';\n`).join(''),
    resolveDir: path.join(root, 'src'),
  }));
}
