import { chain, type Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { ExecutorSource } from '../../../src/dashboard/executor/executor-source.js';
import { until } from '../../support/until.js';
import { openInline } from '../support.js';

describe('an executor as a source', () => {
  it('a frame has what has happened since the frame before', async () => {
    const { engine, tasks } = openInline();
    const source = new ExecutorSource(engine);
    source.open();
    await Promise.all([tasks.square(2).pipe(chain(tasks.square)), tasks.fail('lost').settled()]);
    const frame = source.frame(true);
    expect(frame).toMatchObject({
      state: 'open',
      counts: { submitted: 3, fulfilled: 2, rejected: 1, pending: 0, isPaused: false },
      runs: { seen: 3, tasks: ['square', 'fail'], workers: ['crew-1'] },
      failures: [{ name: 'fail', title: 'Error: lost', worker: 'crew-1' }],
      workers: [{ name: 'crew-1', state: 'idle', done: 3 }],
      running: [],
    });
    expect(frame.tables!.functions).toMatchObject([
      { name: 'square', known: 2, fulfilled: 2 },
      { name: 'fail', known: 1, rejected: 1 },
    ]);
    expect(source.frame(false)).toMatchObject({ runs: { seen: 0, cells: [] }, failures: [] });
    source.dispose();
  });

  it('a run of several steps has the names of all of them', async () => {
    const { engine, tasks } = openInline();
    const source = new ExecutorSource(engine);
    source.open();
    await tasks.square(2).pipe(chain(tasks.square), chain(tasks.square));
    expect(source.frame(false).runs.tasks).toContain('square → square');
    source.dispose();
  });

  it('a frame contains no argument and no result', async () => {
    const { engine, executor } = openInline();
    const source = new ExecutorSource(engine);
    source.open();
    await executor.submit((text: string) => `${text}-result`, 'secret-argument');
    expect(JSON.stringify(source.frame(true))).not.toMatch(/secret|result/);
    source.dispose();
  });

  it('tasks that were pending when the source was opened are counted by function', async () => {
    const { engine, tasks, open, waiting } = openInline();
    const future = tasks.wait();
    await until(() => waiting.length === 1);
    const source = new ExecutorSource(engine);
    source.open();
    expect(source.frame(true)).toMatchObject({
      tables: { functions: [{ name: 'wait', known: 1, fulfilled: 0 }] },
      running: [{ name: 'wait', id: future.id, worker: 'crew-1', attempt: 1 }],
      counts: { running: 1 },
    });
    open();
    await future;
    source.dispose();
  });

  it('the engine has an observer only while the source is open', () => {
    const { engine } = openInline();
    const source = new ExecutorSource(engine);
    expect(engine.recorder.observer).toBeUndefined();
    source.open();
    expect(engine.recorder.observer).toBeDefined();
    source.close();
    expect(engine.recorder.observer).toBeUndefined();
    expect(engine.recorder.rejected).toBeDefined();
    source.dispose();
    expect(engine.recorder.rejected).toBeUndefined();
  });

  it('a failure before the first page is listed', async () => {
    const { engine, tasks } = openInline();
    const source = new ExecutorSource(engine);
    await tasks.fail('early').settled();
    source.open();
    expect(source.frame(false).failures).toMatchObject([{ title: 'Error: early' }]);
    expect(source.failures).toHaveLength(1);
    source.dispose();
  });
});

describe('the actions', () => {
  it('a running task is cancelled by its id, and then lingers until it stops', async () => {
    const { engine, tasks, open, waiting } = openInline();
    const source = new ExecutorSource(engine);
    source.open();
    const future = tasks.wait();
    await until(() => waiting.length === 1);
    expect(source.act({ action: 'cancel', source: 0, id: future.id })).toMatchObject({ ok: true });
    expect(future.state).toBe('cancelled');
    expect(await causeOf(future)).toBe('cancelled on the dashboard');
    expect(source.frame(false)).toMatchObject({
      counts: { lingering: 1, running: 0, cancelled: 1 },
      running: [{ id: future.id, trouble: 'lingering' }],
    });
    expect(source.act({ action: 'cancel', source: 0, id: future.id })).toEqual({
      ok: false,
      message: `Task #${future.id} has settled already.`,
    });
    open();
    source.dispose();
  });

  it('the executor is paused and resumed', async () => {
    const { engine, tasks, executor } = openInline();
    const source = new ExecutorSource(engine);
    source.act({ action: 'pause', source: 0 });
    expect(executor.stats().isPaused).toBe(true);
    const future = tasks.square(2);
    source.act({ action: 'resume', source: 0 });
    expect(await future).toBe(4);
    source.dispose();
  });

  it('a worker ends after its tasks, and another one replaces it', async () => {
    const { engine, tasks, executor, waiting, open } = openInline();
    const source = new ExecutorSource(engine);
    const reasons: string[] = [];
    executor.events.subscribe((event) => {
      if (event.type === 'worker-recycled') reasons.push(event.reason);
    });
    const future = tasks.wait();
    await until(() => waiting.length === 1);
    const act = () => source.act({ action: 'end-worker', source: 0, worker: 'crew-1' });
    expect(act()).toEqual({ ok: true, message: 'Worker "crew-1" ends after its running tasks.' });
    expect(act()).toEqual({ ok: false, message: 'Worker "crew-1" can\'t end in an orderly way: it is leaving.' });
    open();
    await future;
    expect(await tasks.square(3)).toBe(9);
    expect(reasons).toEqual(['requested']);
    await until(() => act().message === 'Worker "crew-1" has ended already.');
    source.dispose();
  });

  it('a worker that is terminated loses its tasks', async () => {
    const { engine, tasks, waiting } = openInline();
    const source = new ExecutorSource(engine);
    const future = tasks.wait();
    await until(() => waiting.length === 1);
    source.act({ action: 'terminate-worker', source: 0, worker: 'crew-1' });
    expect(await future.settled()).toMatchObject({ status: 'rejected', reason: { name: 'WorkerDiedError' } });
    source.dispose();
  });

  it('an executor that has closed can no longer be paused', async () => {
    const { engine, executor } = openInline();
    const source = new ExecutorSource(engine);
    await executor.shutdown();
    expect(source.act({ action: 'pause', source: 0 })).toEqual({ ok: false, message: 'The executor is closed.' });
    source.open();
    expect(source.frame(false)).toMatchObject({ state: 'closed', refusals: { pause: 'The executor is closed.' } });
    source.dispose();
  });
});

async function causeOf(future: Future<unknown>): Promise<unknown> {
  const outcome = await future.settled();
  return outcome.status === 'fulfilled' ? undefined : (outcome.reason as Error).cause;
}
