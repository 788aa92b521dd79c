// @ts-check
/** Row 13 measures the size of the main entry, minified and gzipped, without its dependencies. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** @type {import('../harness/row.js').Row} */
export default {
  number: 13,
  name: 'size',
  title: 'Size of the main entry, minified and gzipped, rxjs and tinypool left out',
  count: 1,
  warmUp: { count: 1, rounds: 0 },
  rounds: 1,
  metrics: { size: { unit: 'bytes', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        // Use the esbuild of tsup, which also builds the library.
        const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
        return async () => {
          const { outputFiles } = await build({
            entryPoints: [fileURLToPath(import.meta.resolve('rx-futures'))],
            bundle: true,
            minify: true,
            format: 'esm',
            platform: 'node',
            external: ['rxjs', 'tinypool'],
            write: false,
          });
          return { size: gzipSync(outputFiles[0].contents, { level: 9 }).length };
        };
      },
    },
  },
  // test/package/size.test.ts holds the budget.
  bounds: [],
};
