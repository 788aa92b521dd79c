// @ts-check
/**
 * Makes the build load modules of Node with `process.getBuiltinModule`. For an `import` of such a
 * module, Node reads all its properties, which loads parts of Node that the library does not use.
 * For example, `import 'node:fs'` loads the promises of fs, and `import 'node:process'` opens
 * stdin. On Node 26 these reads take 3 ms of the main thread, and 3 ms of each worker.
 */
import { readFileSync } from 'node:fs';

/** `import …` or `export …` of a module of Node. An import in a comment does not start its line. */
const STATEMENT = /^(import|export) (?!type)(\w+|\{[^}]*\}) from ('node:[\w/]+');$/gm;

/** @returns {import('esbuild').Plugin} */
export function directBuiltins() {
  return {
    name: 'direct builtins',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
        contents: direct(readFileSync(path, 'utf8')),
        loader: 'ts',
      }));
    },
  };
}

/**
 * Replaces the imports of a source. Lines keep their places, so that source maps stay correct.
 *
 * @param {string} source
 */
export function direct(source) {
  return source.replace(STATEMENT, (_, keyword, names, module) => {
    const target = names.startsWith('{') ? valuesOf(names) : names;
    return `${keyword === 'export' ? 'export ' : ''}const ${target} = process.getBuiltinModule(${module});`;
  });
}

/**
 * Returns `{ a, b: c }` for `{ a, b as c, type D }`.
 *
 * @param {string} names
 */
function valuesOf(names) {
  const values = names.replace(/\btype \w+( as \w+)?,?/g, '').replace(/ as /g, ': ');
  return values.replace(/\s+/g, (space) => (space.includes('\n') ? space : ' '));
}
