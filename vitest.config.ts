import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(`./src/${file}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rx-futures$/, replacement: source('index') },
      {
        find: /^rx-futures\/(worker|testing|terminal|bullmq)$/,
        replacement: fileURLToPath(new URL('./src/$1.ts', import.meta.url)),
      },
    ],
  },
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-worker.ts'],
    testTimeout: 20_000,
    execArgv: ['--expose-gc'],
    typecheck: { include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.types.json' },
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
