/**
 * The size budget of the code that an application loads. pack.test.ts examines the budget of the
 * tarball.
 */
import { expect, it } from 'vitest';
import { weigh } from '../support/weigh.mjs';
import { budget } from './budget.js';

/** Exports that a program may use without an executor. */
const futures = 'Future, Deferred, chain, recover, all, allSettled, any, race, asCompleted, wait';

it.each([
  ['executor', { code: "export { Executor } from 'rx-futures'" }],
  ['index', { code: "export * from 'rx-futures'" }],
  ['thread', { file: 'threads-host.js' }],
  ['served', { code: "export { serveWorker } from 'rx-futures/worker'" }],
  ['process', { file: 'processes-host.js' }],
  ['dashboardPage', { file: 'dashboard/page.js' }],
  ['webFutures', { code: `export { ${futures} } from 'rx-futures'`, platform: 'browser' }],
  ['webExecutor', { code: "export { Executor } from 'rx-futures'", platform: 'browser' }],
  ['webServed', { code: "export { serveWorker } from 'rx-futures/worker'", platform: 'browser' }],
] as const)('the bundle "%s" stays within its budget', async (name, what) => {
  const bytes = await weigh(what);
  console.log(`${name}: ${bytes} of ${budget[name]} bytes`);
  expect(bytes).toBeLessThanOrEqual(budget[name]);
});
