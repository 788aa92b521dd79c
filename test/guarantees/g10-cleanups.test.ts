/**
 * G10 Nothing fails silently: errors in the cleanup of a stream. A direct loop over the generator
 * would throw the error of the cleanup. A reader who has left a stream can't receive that error.
 */
import { asCompleted, Executor, type ExecutorOptions, Future, pipeline } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/ended.js';
import { fixture } from '../support/open.js';
import { catchUnhandled, catchWarnings } from '../support/reports.js';

type Cleanups = typeof import('../fixtures/cleanups.js');

function open(options: ExecutorOptions = {}) {
  const onUnobservedError = vi.fn<NonNullable<ExecutorOptions['onUnobservedError']>>();
  const executor = new Executor<Cleanups>({
    tasks: fixture('cleanups.js'),
    maxWorkers: 1,
    onUnobservedError,
    ...options,
  });
  return { executor, reports: onUnobservedError.mock.calls };
}

const failing = [
  'generator',
  'asyncGenerator',
  'promiseOfGenerator',
  'inTheMiddle',
  'iterator',
  'asyncIterator',
  'asyncIteratorTwice',
  'observable',
] as const;

const wellBehaved = ['stopsByAbort', 'wrapsReason', 'reasonInCleanup'] as const;

const backends: readonly [string, () => ExecutorOptions][] = [
  ['a thread', () => ({})],
  ['a child process', () => ({ runtime: 'child_process' })],
  ['the calling thread', () => ({ backend: inlineBackend() })],
];

describe.each(backends)('G10 Nothing fails silently: a stream on %s whose reader has left', (_, options) => {
  it.each(failing)('a failed cleanup of %s is reported once to onUnobservedError', async (name) => {
    const { executor, reports } = open(options());
    await readOne(executor.stream(name));
    await vi.waitFor(() => expect(reports.length).toBeGreaterThan(0));
    await executor.shutdown();
    // For an Observable the error is RxJS's UnsubscriptionError, which lists the errors that were
    // thrown.
    const error = expect.objectContaining({ message: expect.stringMatching(/not closed$/) });
    expect(reports).toEqual([[error, { id: expect.any(Number), name }]]);
  });

  it.each(wellBehaved)('nothing is reported for %s, which ends because its signal aborts', async (name) => {
    const { executor, reports } = open(options());
    await readOne(executor.stream(name));
    await executor.shutdown();
    expect(reports).toEqual([]);
  });
});

describe('G10 Nothing fails silently: a cleanup that fails', () => {
  const warnings = catchWarnings();

  it.each<[string, (executor: Executor<Cleanups>) => Promise<unknown>]>([
    ['after a subscriber has left', async (executor) => leaveAtOnce(executor.stream('generator'))],
    ['after its signal was aborted', abort],
    ['after its timeout', async (executor) => readAll(executor.with({ timeout: 50 }).stream('asyncGenerator'))],
    ['after a value that cannot be sent', async (executor) => readAll(executor.stream('unsendable'))],
    ['after its timer has thrown', async (executor) => readAll(executor.stream('throwsInTimer'))],
    [
      'as the last step of a pipeline',
      ({ tasks }) => readOne(pipeline(tasks.same, tasks.generator as never).stream(1) as AsyncIterable<unknown>),
    ],
  ])('a failed cleanup is reported %s', async (_, leave) => {
    const { executor, reports } = open();
    await leave(executor);
    await vi.waitFor(() => expect(reports.map(([error]) => String(error))).toEqual(['RangeError: not closed']));
    await executor.shutdown();
    expect(reports).toHaveLength(1);
  });

  it.each(['throwsInTimerAndCleansUpSlowly', 'unsendableAndCleansUpSlowly'] as const)(
    'the failed cleanup of %s is reported although the executor shuts down as soon as the reader has its error',
    async (name) => {
      const { executor, reports } = open();
      await readAll(executor.stream(name));
      await executor.shutdown();
      expect(reports.map(([error]) => String(error))).toEqual(['RangeError: not closed']);
    },
  );

  it('a reader receives the error of a timer at once, although the cleanup never ends', async () => {
    const { executor } = open({ terminateAfter: 50 });
    await expect(executor.stream('neverCleanedUp')[Symbol.asyncIterator]().next()).rejects.toThrow('thrown in a timer');
    await executor.shutdown();
  });

  it("a failed cleanup becomes a process warning with the task's name if the executor has no handler", async () => {
    const { executor } = open({ onUnobservedError: undefined });
    await readOne(executor.stream('generator'));
    await executor.shutdown();
    expect(warnings.codes()).toEqual(['RX_FUTURES_CLEANUP']);
    expect(warnings.messages()[0]).toMatch(/^The cleanup of "generator" \(#\d+\) failed after its reader left: Range/);
  });
});

describe('G10 Nothing fails silently: an input whose cleanup fails', () => {
  const unhandled = catchUnhandled();
  const inputs: readonly [string, () => Iterable<number> | AsyncIterable<number>][] = [
    ['a generator', () => numbers()],
    ['an async generator', () => numbersLater()],
  ];

  it.each(inputs)(
    'a failed cleanup of the input of a map is reported to onUnobservedError if the input is %s',
    async (_, make) => {
      const { executor, reports } = open();
      await readOne(executor.map('same', make()));
      await executor.shutdown();
      expect(reports).toEqual([[failure, { id: expect.any(Number), name: 'map(same)' }]]);
      expect(unhandled).not.toHaveBeenCalled();
    },
  );

  it.each(inputs)(
    'a failed cleanup of the input of a map goes to config.onUnhandledError without a handler if the input is %s',
    async (_, make) => {
      const { executor } = open({ onUnobservedError: undefined });
      await readOne(executor.map('same', make()));
      await executor.shutdown();
      await vi.waitFor(() => expect(unhandled.mock.calls).toEqual([[failure]]));
    },
  );

  it('a failed cleanup of the input of asCompleted goes to config.onUnhandledError', async () => {
    await readOne(asCompleted(futures(), { concurrency: 1 }));
    await vi.waitFor(() => expect(unhandled.mock.calls).toEqual([[failure]]));
  });
});

function* numbers(): Generator<number> {
  try {
    for (let i = 1; ; i++) yield i;
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested.
    throw failure;
  }
}

async function* numbersLater(): AsyncGenerator<number> {
  yield* numbers();
}

function* futures(): Generator<Future<number>> {
  for (const number of numbers()) yield Future.resolve(number);
}

async function readOne(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) break;
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {}
}

async function leaveAtOnce(stream: ReturnType<Executor<Cleanups>['stream']>): Promise<void> {
  await new Promise<void>((resolve) => {
    const subscription = stream.subscribe(() => {
      resolve();
      queueMicrotask(() => subscription.unsubscribe());
    });
  });
}

async function abort(executor: Executor<Cleanups>): Promise<void> {
  const controller = new AbortController();
  await readAll(
    (async function* () {
      for await (const value of executor.with({ signal: controller.signal }).stream('asyncGenerator')) {
        controller.abort();
        yield value;
      }
    })(),
  );
}
