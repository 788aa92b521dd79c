// @ts-check
/**
 * Bundles the tests for a runtime that can't run Vitest. Workers load the library from dist, as
 * users have it. The main thread's side is bundled from src, because some tests import parts of it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { resolve } = createRequire(import.meta.url);
// esbuild is installed with tsup.
/** @type {typeof import('esbuild')} */
const esbuild = createRequire(resolve('tsup'))('esbuild');
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Stands for `import.meta.url` in each file. */
const ADDRESS = 'addressOfSource';

/** @type {import('esbuild').Plugin} */
const asInTheRepository = {
  name: 'as in the repository',
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: path.join(root, 'test/runtimes/shims/vitest.ts') }));
    build.onResolve({ filter: /^rx-futures(\/\w+)?$/ }, ({ path: name }) => ({
      path: path.join(root, 'src', `${name.split('/')[1] ?? 'index'}.ts`),
    }));
    build.onResolve({ filter: /^#platform\// }, ({ path: name }) => ({
      path: path.join(root, 'src', `${name.slice(1)}.ts`),
    }));
    build.onResolve({ filter: /^#runtimes$/ }, () => ({ path: path.join(root, 'src/backends/node.ts') }));
    build.onResolve({ filter: /^#serve-worker$/ }, () => ({ path: path.join(root, 'src/backends/factory/host.ts') }));
    // Packages are loaded from node_modules.
    build.onResolve({ filter: /^[^./#]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' ? undefined : { path: name, external: true },
    );
    // A bundled file finds its neighbours where its source is.
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
      loader: 'ts',
      contents: `const ${ADDRESS} = ${JSON.stringify(pathToFileURL(file).href)};${readFileSync(file, 'utf8')}`,
    }));
  },
};

/**
 * @param {string} out a folder inside the repository, so that the bundles find node_modules
 * @param {readonly string[]} files tests, as paths in the repository without `.ts`
 */
export async function bundleTests(out, files) {
  await esbuild.build({
    entryPoints: Object.fromEntries(
      ['test/runtimes/program', ...files].map((file) => [file.replaceAll('/', '-'), path.join(root, `${file}.ts`)]),
    ),
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    define: { 'import.meta.url': ADDRESS },
    // Deno and Bun dispose of `using` themselves, but Node 20 does not.
    target: 'node20',
    // package.json says that no file has side effects. But loading a file of tests defines them.
    ignoreAnnotations: true,
    sourcemap: 'inline',
    logLevel: 'warning',
    outExtension: { '.js': '.mjs' },
    plugins: [asInTheRepository],
  });
}
