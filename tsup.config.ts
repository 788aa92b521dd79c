import path from 'node:path';
import { defineConfig } from 'tsup';
import { directBuiltins } from './scripts/direct-builtins.mjs';
import { mergeChunks } from './scripts/merge-chunks.mjs';
import { rxjsParts } from './scripts/rxjs-parts.mjs';

const entries = {
  index: 'src/index.ts',
  worker: 'src/worker.ts',
  testing: 'src/testing.ts',
  terminal: 'src/terminal.ts',
  trace: 'src/trace.ts',
  opentelemetry: 'src/opentelemetry.ts',
  bullmq: 'src/bullmq.ts',
  dashboard: 'src/dashboard.ts',
  cli: 'src/cli.ts',
  // Workers run these files. backends/tinypool finds them by their names. The package exports
  // them for bundlers alone. There are two files, so that a thread does not load the code of
  // processes.
  'threads-host': 'src/backends/threads/host.ts',
  'processes-host': 'src/backends/processes/host.ts',
};

export default defineConfig((cli) => ({
  entry: entries,
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // The quick build (--no-dts) keeps old chunks, because running tests may still load them.
  // The published package comes from the whole build, which removes them first.
  clean: cli.dts !== false,
  splitting: true,
  // The plugin decides about rxjs.
  noExternal: ['rxjs'],
  esbuildPlugins: [rxjsParts(), directBuiltins()],
  plugins: [
    mergeChunks({
      dist: path.resolve('dist'),
      main: ['index'],
      // `serveWorker()` of the entry `worker` is the host of a worker that the program creates.
      workers: ['threads-host', 'processes-host', 'worker'],
      keepsOld: cli.dts === false,
    }),
  ],
  // The sources are in the package, so the maps need not repeat them.
  sourcemap: true,
  esbuildOptions(options) {
    options.sourcesContent = false;
  },
  dts:
    cli.dts === false
      ? false
      : {
          // scripts/build-web.mjs builds the scripts of this entry.
          entry: { ...entries, web: 'src/web.ts' },
          compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true, paths: {} },
        },
}));
