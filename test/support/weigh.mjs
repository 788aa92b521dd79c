// @ts-check
/**
 * Size of the code that an application bundles: minified and gzipped, without the packages that the
 * library depends on.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/**
 * @param {{ code: string, platform?: 'node' | 'browser' } | { file: string }} what code that an
 *   application contains, such as `export { Executor } from 'rx-futures'`, or a file of dist
 * @returns {Promise<number>} bytes
 */
export async function weigh(what) {
  // esbuild builds the library. It is installed with tsup.
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const entry =
    'code' in what
      ? { stdin: { contents: what.code, resolveDir: path('.') } }
      : { entryPoints: [path(`dist/${what.file}`)] };
  const { outputFiles } = await build({
    ...entry,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: ('code' in what && what.platform) || 'node',
    external: ['rxjs', 'tinypool', 'tsx'],
    write: false,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** @param {string} file */
function path(file) {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url));
}
