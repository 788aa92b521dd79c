import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { QUICK_TESTS } from './scripts/quick-tests.mjs';
import { LongestFirst } from './test/support/longest-first.js';

const source = (file: string) => fileURLToPath(new URL(`./src/${file}.ts`, import.meta.url));

const quick = QUICK_TESTS.map((name) => (name.endsWith('.ts') ? `test/${name}` : `test/${name}/**/*.test.ts`));
/** Two of the files replace modules, so they need a process of their own. */
const workers = ['backends', 'bullmq', 'executor', 'guarantees', 'terminal'].map(
  (folder) => `test/${folder}/**/!(missing-entry|packages).test.ts`,
);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rx-futures$/, replacement: source('index') },
      {
        find: /^rx-futures\/(worker|testing|terminal|dashboard|trace|opentelemetry|bullmq|web)$/,
        replacement: fileURLToPath(new URL('./src/$1.ts', import.meta.url)),
      },
    ],
  },
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build-worker.ts'],
    // Vitest leaves one processor free, which on two processors means one test file at a time. Many
    // tests wait for a worker or for Redis, and another file runs meanwhile.
    maxWorkers: availableParallelism(),
    // A machine of CI may have other work. A test that waits forever fails there too.
    testTimeout: process.env['CI'] === undefined ? 20_000 : 60_000,
    execArgv: ['--expose-gc'],
    sequence: { sequencer: LongestFirst },
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
    projects: [
      // The files of two projects share a process for each processor, because it takes longer to
      // load src than to run most tests.
      { extends: true, test: { name: 'quick', include: quick, isolate: false } },
      { extends: true, test: { name: 'workers', include: workers, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...quick, ...workers],
        },
      },
    ],
  },
});
