// @ts-check
/**
 * Bundles the tests for a browser. The library itself is the one in dist/web, as users get it. Task
 * modules are files of their own, because workers import them by their address.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('../../', import.meta.url));
const fixtures = path.join(root, 'test/fixtures');
const here = fileURLToPath(new URL('./', import.meta.url));
const shims = fileURLToPath(new URL('./shims/', import.meta.url));

/** @type {Readonly<Record<string, string>>} */
const replaced = {
  vitest: 'vitest.ts',
  'node:async_hooks': 'async_hooks.js',
  'node:timers/promises': 'timers-promises.js',
  'node:worker_threads': 'worker_threads.js',
  'node:fs/promises': 'node.js',
  'node:path': 'node.js',
  'node:stream': 'node.js',
  'node:util': 'node.js',
};

/** Task modules for tests of Node alone. */
const forNode = ['handlers.js', 'ports.js', 'process-values.js', 'processes.js', 'traced.js', 'traffic.js'];

/** The addresses of the library at the server. */
/** @type {Readonly<Record<string, string>>} */
const entries = {
  'rx-futures': '/dist/web/index.js',
  'rx-futures/worker': '/dist/web/worker.js',
  'rx-futures/testing': '/dist/web/testing.js',
};

/** @type {import('esbuild').Plugin} */
const forBrowsers = {
  name: 'for browsers',
  setup(build) {
    build.onResolve({ filter: /^(node:|vitest$)/ }, ({ path: name }) =>
      replaced[name] === undefined
        ? { errors: [{ text: `test/browser/shims has no module "${name}"` }] }
        : { path: path.join(shims, replaced[name]) },
    );
    // Helpers of tests that have a file of the same name here, which imports the original.
    build.onResolve({ filter: /\/support\/(gate|open)\.js$/ }, ({ importer, path: helper }) => {
      const own = path.join(here, path.basename(helper).replace(/js$/, 'ts'));
      return importer === own ? undefined : { path: own };
    });
    // The report names the file of each test. The name is on the first line, so that the lines stay
    // the same.
    build.onLoad({ filter: /\/test\/guarantees\/.*\.test\.ts$/ }, ({ path: file }) => ({
      loader: 'ts',
      contents: `import { startFile } from 'vitest'; startFile(${JSON.stringify(path.relative(root, file))}); ${readFileSync(file, 'utf8')}`,
    }));
    build.onResolve({ filter: /\/in-files\.js$/ }, () => ({ path: path.join(shims, 'in-files.js') }));
    build.onResolve({ filter: /^rx-futures(\/\w+)?$/ }, ({ path: name }) => ({ path: entries[name], external: true }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  // package.json says that no file has side effects. But loading a file of tests defines them.
  ignoreAnnotations: true,
  // A map of its own, which only developer tools load. Each worker would load one inside the file.
  sourcemap: 'linked',
  logLevel: 'warning',
};

/**
 * @param {string} out a folder: `page/` gets the programs, `fixtures/` the task modules, and
 *   `rxjs.js` is the module that the import map names
 */
export async function bundleTests(out) {
  const modules = readdirSync(fixtures).filter((file) => file.endsWith('.js') && !forNode.includes(file));
  await Promise.all([
    esbuild.build({
      ...common,
      entryPoints: { page: path.join(here, 'page.ts'), 'no-eval': path.join(here, 'no-eval.ts') },
      outdir: path.join(out, 'page'),
      external: ['rxjs'],
      plugins: [forBrowsers],
      inject: [path.join(shims, 'process.js')],
    }),
    esbuild.build({
      ...common,
      entryPoints: {
        ...Object.fromEntries(modules.map((file) => [path.basename(file, '.js'), path.join(fixtures, file)])),
        web: path.join(here, 'tasks.js'),
        'web.worker': path.join(here, 'tasks.worker.js'),
      },
      outdir: path.join(out, 'fixtures'),
      plugins: [forBrowsers],
      inject: [path.join(shims, 'process.js')],
    }),
    esbuild.build({
      ...common,
      stdin: { contents: "export * from 'rxjs'", resolveDir: root },
      outdir: out,
      entryNames: 'rxjs',
    }),
  ]);
}
