import { defineConfig } from 'tsup';

export default defineConfig((cli) => ({
  entry: {
    index: 'src/index.ts',
    worker: 'src/worker.ts',
    testing: 'src/testing.ts',
    terminal: 'src/terminal.ts',
    bullmq: 'src/bullmq.ts',
    cli: 'src/cli.ts',
    // backends/threads and backends/processes load this file by its path. Users never import it.
    'worker-entry': 'src/worker/entry.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // The quick build (--no-dts) keeps old chunks, because running tests may still load them.
  // The published package comes from the whole build, which removes them first.
  clean: cli.dts !== false,
  splitting: true,
  // The sources are in the package, so the maps need not repeat them.
  sourcemap: true,
  esbuildOptions(options) {
    options.sourcesContent = false;
  },
  dts: cli.dts === false ? false : { compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true, paths: {} } },
}));
