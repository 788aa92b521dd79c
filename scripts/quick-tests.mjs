/**
 * Files and folders of `test` that start few workers and no Redis. `npm run ok:fast` runs them, and
 * CONTRIBUTING.md has its time. Their files share a process for each processor, so none may leave
 * anything behind. All other test files have a process of their own.
 */
export const QUICK_TESTS = [
  'architecture.test.ts',
  'errors.test.ts',
  'combinators',
  'dashboard',
  'engine',
  'future',
  'opentelemetry',
  'operators',
  'platform',
  'progress',
  'protocol',
  'scheduling',
  'serving',
  'stream',
  'trace',
  'util',
  'worker',
  'workshop',
];
