import { defineConfig } from 'vitest/config';

/**
 * `npm run test:types`. Not a project of vitest.config.ts, because --typecheck.only would also run
 * the tests of the other projects.
 */
export default defineConfig({
  test: {
    typecheck: {
      enabled: true,
      only: true,
      include: ['test/types/**/*.test-d.ts'],
      tsconfig: './tsconfig.types.json',
    },
  },
});
