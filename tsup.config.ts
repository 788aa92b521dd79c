import { defineConfig } from 'tsup';

export default defineConfig((cli) => ({
  entry: {
    index: 'src/index.ts',
    worker: 'src/worker.ts',
    testing: 'src/testing.ts',
    terminal: 'src/terminal.ts',
    bullmq: 'src/bullmq.ts',
    cli: 'src/cli.ts',
    // backends/threads and backends/processes load it by its path. Users never import it.
    'worker-entry': 'src/worker/entry.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // The quick build leaves old chunks, since tests may be running from them; what is published comes from a whole build.
  clean: cli.dts !== false,
  splitting: true,
  sourcemap: false,
  dts: cli.dts === false ? false : { compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true, paths: {} } },
}));
