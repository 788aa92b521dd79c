import { defineConfig } from 'tsup';

export default defineConfig((cli) => ({
  entry: {
    index: 'src/index.ts',
    worker: 'src/worker.ts',
    testing: 'src/testing.ts',
    terminal: 'src/terminal.ts',
    bullmq: 'src/bullmq.ts',
    cli: 'src/cli.ts',
    // Loaded by path on the worker side, never imported by users: its name is part of backend/threads.
    'worker-entry': 'src/worker/entry.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // The quick build leaves old chunks, since tests may be running from them; what is published comes from a whole build.
  clean: cli.dts !== false,
  splitting: true,
  // The sources are in the package, so the maps need not repeat them.
  sourcemap: true,
  esbuildOptions(options) {
    options.sourcesContent = false;
  },
  dts: cli.dts === false ? false : { compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true, paths: {} } },
}));
