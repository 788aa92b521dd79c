/** Failed starts of workers: pauses between them, and the error that breaks the executor. */
import { describe, expect, it } from 'vitest';
import { BrokenExecutorError, TimeoutError, WorkerDiedError } from '../../../src/errors.js';
import { Scheduler } from '../../support/scheduler.js';
import { block, endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** Advances the clock in steps of `step` ms, and ends a tick after each. */
function passSlowly(ms: number, step = 10): void {
  for (let at = 0; at < ms; at += step) {
    pass(step);
    endTick();
  }
}

function brokenBy(scheduler: Scheduler): BrokenExecutorError {
  expect(scheduler.errors.at(-1)).toBeInstanceOf(BrokenExecutorError);
  return scheduler.errors.at(-1) as BrokenExecutorError;
}

describe('a start that fails', () => {
  it('the third worker in a row that can’t be created breaks the executor, after pauses of 100 and 200 ms', () => {
    const scheduler = new Scheduler();
    const failure = new Error('no threads left');
    scheduler.backend.failure = failure;
    scheduler.send('a');
    passSlowly(299, 1);
    expect(scheduler.events).toEqual([]);
    passSlowly(1, 1);
    expect(scheduler.events).toEqual(['broken']);
    expect(brokenBy(scheduler)).toMatchObject({
      message: expect.stringContaining('"w-3" could not be created: Error: no threads left'),
      cause: failure,
    });
  });

  it('a worker that can be created after a failure receives the job', () => {
    const scheduler = new Scheduler();
    scheduler.backend.failure = new Error('no threads left');
    scheduler.send('a');
    scheduler.backend.failure = undefined;
    passSlowly(100);
    scheduler.workers[0]!.ready();
    expect([scheduler.events, scheduler.workers[0]!.log]).toEqual([['spawned w-2', 'ready w-2'], ['run a']]);
  });

  it('a module that can’t be loaded breaks the executor at once', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    scheduler.workers[0]!.failsToBoot('module', new SyntaxError('Unexpected token'));
    endTick();
    expect(scheduler.workers).toHaveLength(1);
    expect(brokenBy(scheduler).message).toBe(
      'Task module "file:///tasks.js" could not be loaded: SyntaxError: Unexpected token. No worker can be started. Fix the error in `cause`, then create a new Executor.',
    );
  });

  it.each([
    ['initializer', 'Initializer "init" failed: Error: no license'],
    ['finalizer', 'Finalizer "close" could not be found: Error: no license'],
    ['connection', 'Executor "w" could not connect to its queue: Error: no license'],
  ] as const)('a start that fails by its prerequisite "%s" names what failed', (prerequisite, text) => {
    const scheduler = new Scheduler({ finalizer: 'close' });
    scheduler.send('a');
    scheduler.workers[0]!.failsToBoot(prerequisite, new Error('no license'));
    expect(brokenBy(scheduler).message).toContain(text);
  });

  it('a worker that failed to boot is asked to end, and its end counts no second time', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    scheduler.start(1);
    scheduler.send('a b');
    const failed = scheduler.workers[1]!;
    failed.failsToBoot('module', new Error('locked'));
    failed.ends({ exitCode: 1 });
    expect(failed.log).toEqual(['end']);
    passSlowly(100);
    expect(scheduler.workers).toHaveLength(3);
  });

  it('a failed start does not break the executor while another worker is up', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    for (const [nth, pause] of [100, 200, 400].entries()) {
      scheduler.workers[1 + nth]!.failsToBoot('module', new Error('locked'));
      passSlowly(pause);
    }
    expect([scheduler.workers.length, scheduler.events.includes('broken')]).toEqual([5, false]);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'run b']);
  });

  it('a fault of the program does not break the executor at once if a worker was up before', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    w.ends({ exitCode: 1 });
    scheduler.send('a');
    scheduler.workers[1]!.failsToBoot('module', new Error('locked'));
    expect(scheduler.events).not.toContain('broken');
    passSlowly(100);
    expect(scheduler.workers).toHaveLength(3);
  });

  it('a fault of the program does not break the executor while another worker is starting', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    scheduler.send('a b');
    scheduler.workers[0]!.failsToBoot('module', new Error('locked'));
    expect(scheduler.events).not.toContain('broken');
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run a']);
  });

  it('the third worker in a row that ends while it starts breaks the executor', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    for (let nth = 0; nth < 3; nth++) {
      scheduler.workers[nth]!.ends({ exitCode: 9 });
      passSlowly(200);
    }
    const broken = brokenBy(scheduler);
    expect(broken.message).toContain('Worker "w-3" exited with code 9 while starting');
    expect(broken.cause).toBeInstanceOf(WorkerDiedError);
    expect(scheduler.workers).toHaveLength(3);
  });

  it('a worker that comes up ends the row of failed starts', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    for (let nth = 0; nth < 4; nth++) {
      const worker = scheduler.workers[nth]!;
      if (nth === 1) worker.ready();
      worker.ends({ exitCode: 9 });
      passSlowly(200);
    }
    expect(scheduler.events).not.toContain('broken');
    expect(scheduler.workers).toHaveLength(5);
  });

  it('the third worker in a row that comes up but runs no waiting job breaks the executor', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    for (let nth = 0; nth < 3; nth++) {
      scheduler.workers[nth]!.ready();
      scheduler.workers[nth]!.ends({ exitCode: 9 });
      passSlowly(200);
    }
    expect(brokenBy(scheduler).message).toContain('exited with code 9 before it started a task');
  });

  it('a worker that runs a job ends the row of unused workers', () => {
    const scheduler = new Scheduler();
    const [a] = scheduler.send('a b');
    for (let nth = 0; nth < 4; nth++) {
      const worker = scheduler.workers[nth]!;
      worker.ready();
      if (nth === 1) worker.fulfils(a);
      worker.ends({ exitCode: 9 });
      passSlowly(200);
    }
    expect(scheduler.events).not.toContain('broken');
    expect(scheduler.workers).toHaveLength(5);
  });

  it('a start that fails after the workforce was closed is not reported', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    void scheduler.dispatcher.workforce.close('terminate');
    scheduler.workers[0]!.failsToBoot('module', new Error('locked'));
    scheduler.workers[0]!.ends({ exitCode: 1 });
    passSlowly(1_000, 100);
    expect(scheduler.events).toEqual(['spawned w-1', 'lost w-1, code 1']);
  });
});

describe('startTimeout', () => {
  it('a worker that is not ready in time is killed, and breaks the executor', () => {
    const scheduler = new Scheduler({ startTimeout: 500 });
    scheduler.send('a');
    pass(499);
    expect(scheduler.workers[0]!.log).toEqual([]);
    pass(1);
    expect(scheduler.workers[0]!.log).toEqual(['kill']);
    const { message, cause } = brokenBy(scheduler);
    expect(message).toContain('needed more than 500 ms to import "file:///tasks.js" and to run initializer "init"');
    expect(cause).toBeInstanceOf(TimeoutError);
  });

  it('a worker that is ready in time is not killed', () => {
    const scheduler = new Scheduler({ startTimeout: 500 });
    scheduler.send('a');
    pass(499);
    scheduler.workers[0]!.ready();
    pass(1_000);
    expect([scheduler.workers[0]!.log, scheduler.events]).toEqual([['run a'], ['spawned w-1', 'ready w-1']]);
  });

  it('a worker that became ready while the main thread was busy is not killed', () => {
    const scheduler = new Scheduler({ startTimeout: 500 });
    scheduler.send('a');
    pass(499);
    block(2_000);
    pass(1);
    scheduler.workers[0]!.ready();
    pass(1);
    expect([scheduler.workers[0]!.log, scheduler.events]).toEqual([['run a'], ['spawned w-1', 'ready w-1']]);
  });

  it('a worker that failed to boot may run its exit listeners after startTimeout', () => {
    const scheduler = new Scheduler({ startTimeout: 500, maxWorkers: 2 });
    scheduler.start(1);
    scheduler.send('a b');
    scheduler.workers[1]!.failsToBoot('module', new Error('locked'));
    pass(500);
    expect(scheduler.workers[1]!.log).toEqual(['end']);
  });

  it('a worker that says "ready" after its time receives no job', () => {
    const scheduler = new Scheduler({ startTimeout: 500, maxWorkers: 2 });
    scheduler.start(1);
    scheduler.send('a b');
    pass(500);
    scheduler.workers[1]!.ready();
    expect([scheduler.workers[1]!.log, scheduler.receiving]).toEqual([['kill'], 'w-1']);
  });
});

describe('ready() waits for workers', () => {
  it('the wait ends with an error if the third start in a row fails while another worker is up', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    scheduler.start(1);
    scheduler.dispatcher.workforce.ensure(2);
    for (let nth = 1; nth <= 3; nth++) {
      scheduler.workers[nth]!.failsToBoot('module', new Error('locked'));
      passSlowly(400);
    }
    expect(scheduler.events).toEqual(['spawned w-2', 'spawned w-3', 'spawned w-4', 'incomplete']);
    expect(brokenBy(scheduler).message).toContain('ready() waits for 2 workers, but 1 are up');
  });
});
