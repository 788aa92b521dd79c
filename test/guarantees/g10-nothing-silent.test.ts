/** G10 Nothing fails silently. */
import { asCompleted, chain, type Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { type Fixtures, open } from '../support/open.js';
import { runProgram } from '../support/run-program.js';

type Failing = Executor<Fixtures['errors.js']>;

/** Returns the messages that were reported until the executor has shut down after `act`. */
async function reportsOf(act: (executor: Failing) => unknown): Promise<string[]> {
  const reports: string[] = [];
  const onUnobservedError: ExecutorOptions['onUnobservedError'] = (error, { name }) =>
    reports.push(`${name}: ${(error as Error).message}`);
  const executor = open('errors.js', { onUnobservedError });
  await act(executor);
  await executor.shutdown();
  await executor.shutdown();
  return reports;
}

describe('G10 Nothing fails silently', () => {
  it('a rejected future that is not observed is reported once, at shutdown', async () => {
    expect(await reportsOf((executor) => void executor.tasks.fail('ignored'))).toEqual(['fail: ignored']);
  });

  it('an unobserved rejected future is reported when it is collected, if that happens first', async () => {
    const reports: unknown[] = [];
    await using executor = open('errors.js', { onUnobservedError: (error) => reports.push((error as Error).message) });
    (() => void executor.tasks.fail('forgotten'))();
    await executor.submit(() => 'later than that');
    for (let timeSlice = 0; timeSlice < 200 && reports.length === 0; timeSlice++) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(reports).toEqual(['forgotten']);
    await executor.shutdown();
    expect(reports).toEqual(['forgotten']);
  });

  it('an unobserved rejected future is reported when the process has nothing left to do, if that happens first', async () => {
    const { code, lines, stderr } = await runProgram(new URL('../fixtures/programs/forgotten.js', import.meta.url));
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    const reports = [...stderr.matchAll(/\[RX_FUTURES_UNOBSERVED\].*: (.*)$/gm)].map(([, message]) => message);
    expect(reports.sort()).toEqual(['at its end', 'at its second end', 'of no executor']);
  });

  const looks: Record<string, (future: Future<never>, executor: Failing) => unknown> = {
    'an error handler of a subscriber': (future) => future.subscribe({ error: () => {} }),
    'an await': (future) => future.catch(() => {}),
    'result()': (future) => future.result().catch(() => {}),
    'settled()': (future) => future.settled(),
    'asCompleted that emitted its outcome': (future) =>
      new Promise<void>((complete) => asCompleted([future]).subscribe({ complete })),
    'reading its outcome': async (future) => {
      await new Promise((resolve) => future.addDoneCallback(resolve));
      return future.outcome;
    },
    'reading its outcome late': async (future, executor) => {
      await executor.submit(() => 'later than that');
      await new Promise((resolve) => future.addDoneCallback(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      return future.settled();
    },
  };

  it.each(Object.entries(looks))('%s counts as observing a rejected future', async (_, look) => {
    expect(await reportsOf((executor) => look(executor.tasks.fail('seen') as Future<never>, executor))).toEqual([]);
  });

  it('a done callback alone does not count as observing a rejected future', async () => {
    const reports = await reportsOf((executor) => void executor.tasks.fail('heard').addDoneCallback(() => {}));
    expect(reports).toEqual(['fail: heard']);
  });

  it('only the end of a chain is reported', async () => {
    const reports = await reportsOf((executor) => {
      const { fail, throwValue } = executor.tasks;
      void fail('at the head').pipe(
        chain(throwValue),
        chain((value) => value),
      );
    });
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain('at the head');
  });

  it('a chain whose end is observed is not reported at all', async () => {
    const reports = await reportsOf((executor) =>
      executor.tasks
        .fail('at the head')
        .pipe(chain((value) => value))
        .settled(),
    );
    expect(reports).toEqual([]);
  });

  it('the first step is reported if its chain was cancelled and a done callback kept it alive', async () => {
    const reports = await reportsOf((executor) => {
      const head = executor.tasks.fail('at the head');
      head.addDoneCallback(() => {});
      head.pipe(chain((value) => value)).cancel();
    });
    expect(reports).toEqual(['fail: at the head']);
  });

  it('a cancelled future is not reported', async () => {
    expect(await reportsOf((executor) => void executor.tasks.fail('never').cancel())).toEqual([]);
  });

  it('an unobserved failure becomes a process warning with the name of the task if there is no handler', async () => {
    const executor = open('errors.js');
    const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve));
    executor.tasks.fail('unheard');
    await executor.shutdown();
    const warning = await warned;
    expect(warning.code).toBe('RX_FUTURES_UNOBSERVED');
    expect(warning.message).toContain('fail');
    expect(warning.message).toContain('unheard');
  });
});
