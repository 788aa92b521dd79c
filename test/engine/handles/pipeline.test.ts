/** `pipeline`: the options of its tasks and of the pipeline itself. */
import { chain, pipeline, TimeoutError } from 'rx-futures';
import { firstValueFrom, type Observable, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { next } from '../../support/events.js';
import { open } from '../../support/open.js';

const valuesOf = <T>(source: Observable<T>) => firstValueFrom(source.pipe(toArray()));

describe('pipeline', () => {
  it('a pipeline retries only the task that has the retry, with the value of the task before it', async () => {
    await using executor = open('steps.js', { maxWorkers: 1 });
    const { mark, failInFirstRun, plusOne, marked } = executor.tasks;
    expect(await pipeline(mark, failInFirstRun.with({ retry: 1 }), plusOne)(4)).toBe(41);
    expect(await marked()).toBe(1);
    await expect(pipeline(mark, failInFirstRun, plusOne)(4)).rejects.toThrow('the first run with 4 failed');
  });

  it('a pipeline limits the time of only the task that has the timeout, and the error names that task', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, terminateAfter: 10 });
    const { plusOne, never, mark } = executor.tasks;
    const end = pipeline(plusOne, never.with({ timeout: 20 }) as never, mark)(1);
    await expect(end).rejects.toThrow(TimeoutError);
    await expect(end).rejects.toThrow('never');
    expect(await pipeline(plusOne.with({ timeout: 60_000 }), plusOne)(1)).toBe(3);
  });

  it('the tasks of a pipeline keep their options in a chain, another pipeline, map, stream and submit', async () => {
    await using executor = open('steps.js', { maxWorkers: 2 });
    const { plusOne, failInFirstRun, upTo } = executor.tasks;
    const careful = pipeline(plusOne, failInFirstRun.with({ retry: 1 }));
    expect(await plusOne(1).pipe(chain(careful), chain(plusOne))).toBe(31);
    expect(await pipeline(careful, plusOne)(1)).toBe(21);
    expect(await executor.submit(careful, 1)).toBe(20);
    expect(await valuesOf(executor.map(careful, [1, 2, 3]))).toEqual([20, 30, 40]);
    expect(await valuesOf(pipeline(careful, upTo as never).stream(0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(careful.name).toBe('plusOne → failInFirstRun');
  });

  it('options of a pipeline apply to each run, but a task keeps its own timeout and retry', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, terminateAfter: 10 });
    const { plusOne, failInFirstRun, never } = executor.tasks;
    expect(await pipeline(failInFirstRun, failInFirstRun.with({ retry: 1 })).with({ retry: 2 })(1)).toBe(100);
    const slow = pipeline(plusOne.with({ retry: 1 }), never as never).with({ timeout: 20 });
    await expect(slow(1)).rejects.toThrow(TimeoutError);
    const controller = new AbortController();
    const stopped = pipeline(plusOne.with({ retry: 1 }), never as never).with({ signal: controller.signal })(1);
    while (stopped.state !== 'running') await new Promise(setImmediate);
    controller.abort('enough');
    expect(await stopped.settled()).toMatchObject({ status: 'cancelled' });
  });

  it.each([
    ['the task has its own', { terminateAfter: 20 }, { terminateAfter: 60_000 }],
    ['only the pipeline has one', { retry: 1 }, { terminateAfter: 20 }],
  ])('a task that does not stop is limited by terminateAfter: %s', async (_case, own, common) => {
    await using executor = open('steps.js', { maxWorkers: 1, terminateAfter: 60_000 });
    const { plusOne, never } = executor.tasks;
    const recycled = next(executor, 'worker-recycled');
    const end = pipeline(plusOne, never.with(own) as never).with(common)(1);
    while (end.state !== 'running') await new Promise(setImmediate);
    end.cancel();
    expect((await recycled).reason).toBe('unresponsive');
  });
});
