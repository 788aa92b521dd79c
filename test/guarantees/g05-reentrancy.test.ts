/**
 * G5 Everything settles: terminate() and shutdown() inside each callback, listener and iterator
 * that the library calls. No future stays pending, no thread stays alive, and no error escapes.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  all,
  allSettled,
  any,
  asCompleted,
  chain,
  Deferred,
  type Executor,
  type ExecutorEvent,
  type ExecutorOptions,
  type Future,
  race,
  recover,
  wait,
} from 'rx-futures';
import { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { open } from '../support/open.js';
import { afterReports } from '../support/reports.js';

type Reentrant = Omit<Executor<any>, 'tasks'> & { readonly tasks: Record<string, any> };
/** Ends the executor at once. */
type Act = () => void;
/** The futures and promises that must have settled when the executor has ended. */
type Made = (Future<any> | Promise<unknown>)[] | undefined;

interface Hook {
  readonly options?: (act: Act) => ExecutorOptions;
  /** Arranges that `act` is called in some callback. */
  hook(executor: Reentrant, act: Act): Made;
  /**
   * An error thrown in this callback is reported to the process, because RxJS, Node or the test has
   * called it.
   */
  readonly reports?: true;
  /** The work would never end by itself, so only terminate() can be tested. */
  readonly endless?: true;
}

const never = new Deferred<number>().future;
const LONG = 1_000_000;

const on = (type: ExecutorEvent['type'], make: (executor: Reentrant) => Made, more: Partial<Hook> = {}): Hook => ({
  reports: true,
  ...more,
  hook(executor, act) {
    executor.events.subscribe((event) => event.type === type && act());
    return make(executor);
  },
});

const retrying = (executor: Reentrant, task: string, when: Act, options = {}): Future<any> =>
  executor.tasks[task].with({ retry: { count: 3, delay: LONG, when: () => calling(when, true) }, ...options })(
    'a',
    'b',
  );

const calling = <T>(act: Act, value: T): T => {
  act();
  return value;
};

const read = async (stream: AsyncIterable<unknown>, seen: Act = () => {}) => {
  for await (const _ of stream) seen();
};

const hooks: Record<string, Hook> = {
  'worker-spawned': on('worker-spawned', ({ tasks }) => [tasks.add(1, 1), tasks.add(2, 2)]),
  'worker-ready': on('worker-ready', ({ tasks }) => [tasks.add(1, 1)]),
  'worker-recycled (max-tasks)': {
    ...on('worker-recycled', ({ tasks }) => [tasks.add(1, 1), tasks.add(2, 2), tasks.add(3, 3)]),
    options: () => ({ maxTasksPerWorker: 1 }),
  },
  'worker-recycled (unresponsive)': on('worker-recycled', ({ tasks }) => {
    const looping = tasks.hang();
    const begun = new Promise<void>((resolve) => looping.progress.subscribe(() => resolve()));
    return [looping, begun.then(() => looping.cancel()), tasks.add(1, 1)];
  }),
  'worker-recycled (uncaught-error)': on('worker-recycled', ({ tasks }) => [tasks.throwInTimer(), tasks.add(1, 1)]),
  'worker-ended': {
    ...on('worker-ended', ({ tasks }) => [tasks.add(1, 1)]),
    options: () => ({ idleTimeout: 1 }),
  },
  'worker-died': on('worker-died', ({ tasks }) => [tasks.exit(1), ...[1, 2, 3].map((n) => tasks.add(n, n))]),
  'worker-died of a worker that has been sent tasks ahead': on(
    'worker-died',
    ({ tasks }) => {
      const ahead = async () => {
        // The worker is then known for short tasks. So the next ones are dispatched to it at once,
        // behind the one that ends the worker.
        for (let round = 0; round < 5; round++) await all(Array.from({ length: 100 }, (_, i) => tasks.add(i, i)));
        const futures: Future<any>[] = [tasks.exit(1), ...Array.from({ length: 20 }, (_, i) => tasks.add(i, i))];
        // `allSettled` is not used, because it would cancel the futures when it is cancelled
        // itself.
        await Promise.all(futures.map((future) => future.settled()));
      };
      return [ahead()];
    },
    { options: () => ({ maxWorkers: 1 }) },
  ),
  'task-submitted': on('task-submitted', ({ tasks }) => [tasks.add(1, 1)]),
  'task-submitted of a task that waits for an argument': on('task-submitted', ({ tasks }) => [tasks.add(never, 1)], {
    endless: true,
  }),
  'task-submitted of a step': on('task-submitted', ({ tasks }) => [tasks.hangs().pipe(chain(tasks.pass))], {
    endless: true,
  }),
  'task-submitted of a stream': on('task-submitted', ({ tasks }) => [read(tasks.yields.stream(3))]),
  'task-started': on('task-started', ({ tasks }) => [tasks.add(1, 1), tasks.add(2, 2), tasks.hangs()], {
    endless: true,
  }),
  'task-retried': on('task-retried', (executor) => [retrying(executor, 'fail', () => {})], { endless: true }),
  'task-settled': on('task-settled', ({ tasks }) => [tasks.add(1, 1), tasks.add(2, 2), tasks.fail('x')]),
  'a channel of diagnostics': {
    reports: true,
    hook(executor, act) {
      const listener = (event: unknown) => (event as ExecutorEvent).executor === 'reentrant' && act();
      subscribe('rx-futures:worker:ready', listener);
      undo.push(() => unsubscribe('rx-futures:worker:ready', listener));
      return [executor.tasks.add(1, 1)];
    },
  },
  'a done callback': {
    hook({ tasks }, act) {
      const futures = [tasks.add(1, 1), tasks.add(2, 2), tasks.fail('x')];
      for (const future of futures) future.addDoneCallback(act);
      return futures;
    },
  },
  'a subscriber': {
    reports: true,
    hook({ tasks }, act) {
      const future = tasks.add(1, 1);
      future.subscribe(act);
      return [future, tasks.add(2, 2)];
    },
  },
  'a step of a chain': { hook: ({ tasks }, act) => [tasks.pass(1).pipe(chain(act), chain(tasks.pass))] },
  'an asynchronous step': {
    hook: ({ tasks }, act) => [
      tasks.pass(1).pipe(
        chain(async () => calling(act, await null)),
        chain(tasks.pass),
      ),
    ],
  },
  'a thenable that a step returns': {
    // A thenable may do anything in its `then`.
    hook: ({ tasks }, act) => [tasks.pass(1).pipe(chain(() => ({ then: act }) as never))],
    endless: true,
  },
  'a handler of recover': { hook: ({ tasks }, act) => [tasks.fail('x').pipe(recover(act), chain(tasks.pass))] },
  'retry.when': { endless: true, hook: (executor, act) => [retrying(executor, 'fail', act), executor.tasks.add(1, 1)] },
  'retry.when after the death of a worker': {
    endless: true,
    hook: (executor, act) => [retrying(executor, 'exit', act)],
  },
  'retry.when after a timeout': {
    endless: true,
    hook: (executor, act) => [retrying(executor, 'hangs', act, { timeout: 5 })],
  },
  'retry.delay': {
    endless: true,
    hook: ({ tasks }, act) => [tasks.fail.with({ retry: { count: 3, delay: () => calling(act, LONG) } })('x')],
  },
  'the time between two runs': {
    reports: true,
    endless: true,
    hook(executor, act) {
      executor.events.subscribe(({ type }) => type === 'task-retried' && setImmediate(act));
      return [retrying(executor, 'fail', () => {})];
    },
  },
  'a subscriber of progress': {
    reports: true,
    hook({ tasks }, act) {
      const future = tasks.reports();
      future.progress.subscribe(act);
      return [future];
    },
  },
  'the end of progress': {
    reports: true,
    hook({ tasks }, act) {
      const future = tasks.reports();
      future.progress.subscribe({ complete: act });
      return [future];
    },
  },
  'a subscriber of a stream': {
    reports: true,
    hook: ({ tasks }, act) => void tasks.yields.stream(9).subscribe({ next: act, error: () => {} }),
  },
  'a reader of a stream': {
    reports: true,
    hook: ({ tasks }, act) => [read(tasks.yields.with({ highWaterMark: 2 }).stream(9), act)],
  },
  'the iterator of map': { hook: (executor, act) => [read(executor.map('pass', inputs(act)))] },
  'the asynchronous iterator of map': { hook: (executor, act) => [read(executor.map('pass', inputsLater(act)))] },
  'the return() of the iterator of map': {
    reports: true,
    hook(executor, act) {
      const input = {
        [Symbol.iterator]: () => input,
        next: () => ({ done: false, value: 1 }),
        return: () => calling(act, { done: true, value: undefined }),
      };
      const subscription = executor.map('pass', input as Iterable<number>).subscribe({
        next: () => subscription.unsubscribe(),
        error: () => {},
      });
      return undefined;
    },
  },
  'the Observable of map': {
    reports: true,
    hook: (executor, act) => [
      read(
        executor.map(
          'pass',
          new Observable<number>((to) => {
            to.next(1);
            act();
            to.next(2);
            to.complete();
          }),
        ),
      ),
    ],
  },
  'a reader of map': { reports: true, hook: (executor, act) => [read(executor.map('pass', [1, 2, 3]), act)] },
  'a subscriber of asCompleted': {
    reports: true,
    hook({ tasks }, act) {
      const futures = [tasks.add(1, 1), tasks.add(2, 2)];
      asCompleted(futures).subscribe({ next: act, error: () => {} });
      return futures;
    },
  },
  'the promise of wait': {
    reports: true,
    hook({ tasks }, act) {
      const futures = [tasks.add(1, 1), tasks.add(2, 2)];
      return [...futures, wait(futures).then(act)];
    },
  },
  'the listener of a signal': {
    reports: true,
    hook({ tasks }, act) {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', act);
      const hangs = tasks.hangs.with({ signal: controller.signal });
      const futures = [hangs(), hangs()];
      setImmediate(() => controller.abort());
      return futures;
    },
  },
  'the promise of ready()': { reports: true, hook: (executor, act) => [executor.ready().then(act)] },
  'the tick of the constructor': { reports: true, hook: (_executor, act) => void act() },
  'a getter of an argument': {
    hook: ({ tasks }, act) => [
      tasks.pass({
        get value() {
          return calling(act, 1);
        },
      }),
    ],
  },
  "a getter of a step's value": {
    hook: ({ tasks }, act) => [
      tasks.pass(1).pipe(
        chain(() => ({
          get value() {
            return calling(act, 1);
          },
        })),
        chain(tasks.pass),
      ),
    ],
  },
  onUnobservedError: {
    reports: true,
    options: (act) => ({ onUnobservedError: act }),
    hook: ({ tasks }) => [tasks.leaveTimer('left behind')],
  },
  onCallbackError: {
    reports: true,
    options: (act) => ({ onCallbackError: act }),
    hook({ tasks }) {
      const future = tasks.add(1, 1);
      future.addDoneCallback(() => {
        throw new Error('in a callback');
      });
      return [future];
    },
  },
  'a later turn, while combinators wait for futures of others': {
    reports: true,
    endless: true,
    hook({ tasks }, act) {
      const settling = [tasks.add(1, 1), tasks.add(1, 1), tasks.fail('x')];
      const [one, two, lost] = settling;
      const made = [
        all([one, never]),
        allSettled([two, never]),
        any([lost, never]),
        race([tasks.hangs(), never]),
        tasks.pass(never).pipe(chain(tasks.pass)),
        tasks.pass(1).pipe(chain(() => never)),
        tasks.pass(1).pipe(chain(() => new Promise(() => {}))),
      ];
      void Promise.allSettled(settling).then(() => setImmediate(act));
      return made;
    },
  },
};

function* inputs(act: Act) {
  yield 1;
  act();
  yield 2;
}

async function* inputsLater(act: Act) {
  yield* inputs(act);
}

const acts: Record<string, (executor: Reentrant) => Promise<unknown>> = {
  'terminate()': (executor) => executor.terminate(),
  'shutdown()': (executor) => executor.shutdown(),
  'shutdown() and terminate()': (executor) => Promise.all([executor.shutdown(), executor.terminate()]),
};

const undo: (() => void)[] = [];
const escaped: unknown[] = [];
const escapes = (error: unknown) => escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on('uncaughtException', escapes).on('unhandledRejection', escapes);
});

afterEach(() => {
  for (const each of undo.splice(0)) each();
  process.off('uncaughtException', escapes).off('unhandledRejection', escapes);
});

describe.each(Object.entries(hooks))(
  'G5 Everything settles: reentrancy, %s',
  (_, { hook, options, reports, endless }) => {
    const cases = Object.entries(acts).filter(([name]) => endless === undefined || name !== 'shutdown()');

    it.each(cases)('the callback may call %s', async (_name, end) => {
      await run(end, () => {});
    });

    it.runIf(reports === undefined)('the callback may call terminate() and then throw', async () => {
      await run(acts['terminate()']!, () => {
        throw new Error('after terminate()');
      });
    });

    async function run(end: (executor: Reentrant) => Promise<unknown>, then: () => void): Promise<void> {
      const ends: Promise<unknown>[] = [];
      const called = new Deferred<void>();
      const act = () => {
        // The work that `act` causes may call it again.
        if (ends.length > 2) return;
        ends.push(end(executor));
        called.resolve();
        then();
      };
      const executor: Reentrant = open('reentrant.js', {
        name: 'reentrant',
        terminateAfter: 5,
        onUnobservedError: () => {},
        onCallbackError: () => {},
        ...options?.(act),
      });
      const made = hook(executor, act) ?? [];
      const settled = Promise.allSettled(made);
      await called.future;
      await Promise.all(ends);
      // shutdown() lets some tasks run forever unless they are stopped.
      await executor.terminate();
      await settled;
      const { pending, queued, workers } = executor.stats();
      expect({ state: executor.state, pending, queued, workers }).toEqual({
        state: 'closed',
        pending: 0,
        queued: 0,
        workers: { starting: 0, idle: 0, busy: 0, leaving: 0 },
      });
      // Uncaught errors arrive in a later turn of the event loop.
      await afterReports();
      expect(escaped).toEqual([]);
    }
  },
);
