// @ts-check
/**
 * Merges the chunks of a build into three. esbuild makes a chunk for each set of entries that share
 * code, 14 files. Node takes about 1 ms to load a file, however small it is.
 *
 *   - `common`: what the main thread and the workers load.
 *   - `main`: what only the main thread loads.
 *   - `worker`: what only the workers load, and the inline backend.
 *
 * Entries that the main entry does not load keep their own code.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// Rollup is installed with tsup, which builds the types with it.
/** @type {typeof import('rollup')} */
const { rollup } = createRequire(createRequire(import.meta.url).resolve('tsup'))('rollup');

/**
 * @param {{ dist: string, main: readonly string[], workers: readonly string[], keepsOld: boolean }}
 *   options the folder of the build; the entries that the main thread and the workers load; and
 *   whether the chunks of esbuild stay, because running tests may be loading them
 */
export function mergeChunks({ dist, main, workers, keepsOld }) {
  return {
    name: 'merge chunks',
    /** @param {{ writtenFiles: { name: string }[] }} built */
    async buildEnd({ writtenFiles }) {
      const scripts = writtenFiles.map(({ name }) => path.resolve(name)).filter((file) => file.endsWith('.js'));
      if (scripts.length === 0) return;
      const isChunk = (/** @type {string} */ file) => path.basename(file).startsWith('chunk-');
      const bundle = await rollup({
        input: scripts.filter((file) => !isChunk(file)),
        external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
        plugins: [{ name: 'with source maps', load: (id) => ({ code: read(id), map: JSON.parse(read(`${id}.map`)) }) }],
        treeshake: false,
        preserveEntrySignatures: 'allow-extension',
      });
      const graph = new Map(
        scripts.map((file) => [file, bundle.cache?.modules.find(({ id }) => id === file)?.dependencies ?? []]),
      );
      const inMain = reached(graph, main);
      const inWorkers = reached(graph, workers);
      for (const file of keepsOld ? [] : scripts.filter(isChunk)) {
        rmSync(file);
        rmSync(`${file}.map`);
      }
      await bundle.write({
        dir: dist,
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: ({ name }) => (name.startsWith('chunk-') ? '[name]-[hash].js' : 'chunk-[name]-[hash].js'),
        manualChunks(id) {
          // The first worker entry is part of the workers' chunk, so that it is one file less.
          if (path.basename(id, '.js') === workers[0]) return 'worker';
          if (!isChunk(id)) return undefined;
          if (inMain.has(id)) return inWorkers.has(id) ? 'common' : 'main';
          return inWorkers.has(id) ? 'worker' : undefined;
        },
        sourcemap: true,
        sourcemapExcludeSources: true,
      });
      await bundle.close();
    },
  };
}

/**
 * Returns the files that these entries load, including the entries.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {readonly string[]} entries
 */
function reached(graph, entries) {
  const found = new Set([...graph.keys()].filter((file) => entries.includes(path.basename(file, '.js'))));
  for (const file of found) for (const next of graph.get(file) ?? []) found.add(next);
  return found;
}

/** @param {string} file */
function read(file) {
  return readFileSync(file, 'utf8');
}
