// @ts-check
/**
 * Tests that do not pass on a runtime, each with its reason. A test is named by its titles: its own
 * one, with those of the blocks around it if needed. The titles of a block name all tests in it.
 *
 * run.mjs runs each of these tests alone, and it must fail. `mayPass` says that a test fails only
 * in some runs, for example because it depends on the garbage collector.
 */

/**
 * @typedef {{
 *   readonly reason: string;
 *   readonly mayPass?: boolean;
 *   readonly tests: readonly string[];
 * }} Skip
 */

/** Tests of child processes. @type {Skip} */
const processes = {
  reason: 'child processes run tasks on Node only, and are refused here',
  tests: [
    'G1 The final future: a step behind a task that times out (G6) > the step never runs in a child process',
    'a retry of a head whose worker died runs the dependent steps too, on child_process',
    'the step does not start if the chain is cancelled while the step before it waits, on child_process',
    'a closed port is refused with its path wherever it is in a value, on processes',
    'G10 Nothing fails silently: a stream on a child process whose reader has left',
    'a child process and the inline backend receive a shared value once, and free it after dispose()',
    'a child process keeps a deadline, waiting and running',
    'a child process that is blocked counts as one whose task never read isCancelled',
    'G23 Context: on child processes',
    ...['Sinon without nextTick', 'Sinon without nextTick, before the library is loaded', 'node:test'].map(
      (clock) =>
        `every kind of work finishes, and the fake clock has no timer of the library: ${clock}, on child processes`,
    ),
  ],
};

/** @type {Skip} */
const fileHandles = {
  reason: 'a FileHandle cannot be moved to another thread here',
  tests: [
    'a moved FileHandle is closed when its task is cancelled before it is sent',
    'a moved FileHandle is closed when its task is cancelled while another argument is pending',
    'a moved FileHandle is closed when another argument of the same call cannot be sent',
    'a moved FileHandle is closed when its task is cancelled on the worker before it starts',
    'a moved FileHandle stays open for the task or the caller that receives it',
    'transfer() moves a FileHandle',
  ],
};

/** @type {Skip} */
const lostHandle = {
  reason: 'a FileHandle cannot be moved here, and only the garbage collector closes a lost one',
  mayPass: true,
  tests: ['a moved FileHandle is closed when a task that was cancelled returns it'],
};

/** @type {Readonly<Record<string, readonly Skip[]>>} */
export const skips = {
  bun: [
    processes,
    fileHandles,
    lostHandle,
    {
      reason: 'a thread of Bun has no limit of memory, so resourceLimits are refused',
      tests: ['a worker that runs out of memory rejects its task with a WorkerDiedError'],
    },
    {
      reason: 'the error of Bun that the test causes has no code',
      tests: ['an error of Node keeps its code'],
    },
    {
      reason: 'Bun has no shared pool of small Buffers, so a small Buffer is moved',
      tests: ["transfer() copies a small Buffer, because Node's shared buffer pool must not be moved"],
    },
    {
      reason: 'Bun finds no export in the data: URL that the test uses as a task module',
      tests: ['the value of a head does not change if the next step changes it, even if it contains shared memory'],
    },
    {
      reason:
        'Bun ignores "use strict" in two functions of the suite, so its own promises fail the same 2 of 872 tests',
      tests: ['G16 a Deferred passes 872 of 872 tests of Promises/A+'],
    },
    {
      reason: 'the garbage collector of Bun frees memory later than the test waits',
      mayPass: true,
      tests: [
        'the memory of a shared value is free on the worker after dispose()',
        'a million different keys cost no memory after their tasks have settled',
        'a pending future whose callbacks were removed keeps no store',
      ],
    },
  ],
  deno: [
    processes,
    fileHandles,
    lostHandle,
    {
      reason: 'streams between two workers pass through the main thread on Deno (decision 0057)',
      tests: [
        'values that flow between two workers do not pass through the main thread',
        'values flow while the main thread is blocked',
      ],
    },
    {
      reason: 'a thread of Deno receives no message while it is blocked, so it knows that it is cancelled, but not why',
      tests: [
        ...['an Error', 'a string', 'null', 'an object'].map(
          (kind) => `throwIfCancelled throws signal.reason although the thread has read no message: ${kind}`,
        ),
        'throwIfCancelled throws a CancelledError without a reason, and a TimeoutError after a timeout',
        'the signal has its reason as soon as isCancelled is true',
        'tasks that arrive before the reason is read run afterwards, in their order',
      ],
    },
    {
      reason:
        'Deno empties a buffer even if it refuses its message, for which only the backends of threads have a remedy',
      tests: [
        'the inline backend > a stream emits the values before one that cannot be sent, names that value, and closes the generator',
      ],
    },
    {
      reason: 'Deno does not report which task has thrown in a timer, so the worker is terminated before the cleanup',
      tests: [
        'a failed cleanup is reported after its timer has thrown',
        'the failed cleanup of throwsInTimerAndCleansUpSlowly is reported although the executor shuts down as soon as the reader has its error',
      ],
    },
    {
      reason: 'Deno itself uses the timers that the test fakes',
      tests: [
        ...[
          'Sinon with its defaults, after the library is loaded',
          'Sinon with its defaults, before the library is loaded',
          'node:test',
        ].map(
          (clock) =>
            `every kind of work finishes, and the fake clock has no timer of the library: ${clock}, on threads`,
        ),
        'every kind of work finishes, and the fake clock has no timer of the library: node:test, on this thread',
      ],
    },
  ],
};
