/**
 * Runs files of tests on the runtime that runs this program:
 *
 *     program.mjs <report> <request as JSON>
 *
 * The report gets a line of JSON when a test starts, and one when it has ended. So if the runtime
 * ends too early, the report shows which test has ended it.
 */
import { appendFileSync } from 'node:fs';
import { type File, type Suite, startTests, type Task, type Test, type VitestRunner } from '@vitest/runner';
import { setSafeTimers } from '@vitest/utils/timers';
import { topics } from '../backends/describe-backend.js';

export interface Request {
  /** Addresses of bundled files. */
  readonly files: readonly string[];
  /** Titles of tests or blocks that don't run, with those of the blocks around them if needed. */
  readonly skipped: readonly string[];
  /** If it is not empty, only these tests or blocks run, and no others are reported. */
  readonly only: readonly string[];
  /** The parts of the conformance suite that run and are reported. If it is empty, all of them. */
  readonly topics: readonly string[];
  /** Longest time in ms of a test that does not say how long it may take. */
  readonly limit: number;
}

export type State = 'passed' | 'failed' | 'skipped';

/** A line of the report. */
export type Line =
  | { readonly file: string; readonly test: string; readonly type: 'starts' }
  | {
      readonly file: string;
      readonly test: string;
      readonly type: 'ended';
      readonly state: State;
      readonly ms: number;
      readonly error?: string | undefined;
      /** The part of the conformance suite to which the test belongs. */
      readonly topic?: string | undefined;
    }
  | { readonly file: string; readonly type: 'file'; readonly error?: string | undefined };

const [, , report, json] = process.argv as [string, string, string, string];
const request = JSON.parse(json) as Request;

// Vitest keeps the real timers before a test fakes them.
setSafeTimers();
const { Bun } = globalThis as { readonly Bun?: { gc(isForced: boolean): void } };
if (Bun !== undefined) (globalThis as { gc?: () => void }).gc ??= () => Bun.gc(true);
// A pending Atomics.waitAsync, for which tests wait, does not keep the process alive.
const alive = setInterval(() => {}, 10_000);

/** Errors that no code caught, of the test that runs. */
const uncaught: unknown[] = [];
process.on('unhandledRejection', (reason) => uncaught.push(reason));
process.on('uncaughtException', (error) => uncaught.push(error));

class Runner implements VitestRunner {
  readonly config = {
    root: process.cwd(),
    setupFiles: [],
    passWithNoTests: true,
    sequence: { shuffle: false, concurrent: false, seed: 1, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 5,
    testTimeout: request.limit,
    hookTimeout: request.limit,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    strictTags: false,
  } as never;

  importFile(file: string): unknown {
    return import(file);
  }

  onCollected(files: File[]): void {
    for (const file of files) select(file);
  }

  onBeforeRunTask(test: Test): void {
    if (test.mode === 'skip') return;
    uncaught.length = 0;
    write({ file: test.file.name, test: nameOf(test), type: 'starts' });
  }

  onAfterRunTask(test: Test): void {
    if (uncaught.length > 0 && test.result?.state === 'pass') {
      test.result.state = 'fail';
      test.result.errors = uncaught.map((error) => ({ message: `no code caught ${text(error)}` }) as never);
    }
    const state = test.result?.state;
    if (test.mode === 'run' && state !== undefined && state !== 'skip')
      writeEnd(test, state === 'pass' ? 'passed' : 'failed');
  }

  onAfterRunFiles(files: File[]): void {
    for (const file of files) {
      for (const test of testsOf(file)) if (isDeclared(test) && isWanted(test)) writeEnd(test, 'skipped');
      write({ file: file.name, type: 'file', error: errorsOf(file) });
    }
  }
}

/** Marks the tests that don't run. */
function select(suite: Suite): void {
  for (const test of testsOf(suite)) {
    if (isDeclared(test) || !isWanted(test)) test.mode = 'skip';
  }
}

/**
 * Returns true if the test is declared not to run on this runtime, or on the backend that it tests.
 * A file may also leave out a test of its own on every runtime. Such a test does not count.
 */
function isDeclared(test: Test): boolean {
  return isNamed(test, request.skipped) || (test.mode === 'skip' && test.name.includes('(not here: '));
}

function isWanted(test: Test): boolean {
  const { only } = request;
  const topic = topicOf(test);
  const isOfTopic = topic === undefined || request.topics.length === 0 || request.topics.includes(topic);
  return isOfTopic && (only.length === 0 || isNamed(test, only));
}

function topicOf(test: Test): string | undefined {
  return topics.get(test.name.replace(/ \(not here: .*/, ''));
}

/** Returns true if one of the lists of titles names the test, or a block around it. */
function isNamed(test: Test, names: readonly string[]): boolean {
  return names.some((titles) => ` > ${nameOf(test)} > `.includes(` > ${titles} > `));
}

function* testsOf(task: Task): Iterable<Test> {
  if (task.type === 'test') yield task;
  else for (const inner of task.tasks) yield* testsOf(inner);
}

/** Returns the titles of a test and of the blocks around it. */
function nameOf(test: Test): string {
  const titles = [test.name];
  for (let { suite } = test as { suite?: Suite | undefined }; suite !== undefined; suite = suite.suite)
    titles.unshift(suite.name);
  return titles.join(' > ');
}

function writeEnd(test: Test, state: State): void {
  const ms = Math.round(test.result?.duration ?? 0);
  const topic = topicOf(test);
  write({ file: test.file.name, test: nameOf(test), type: 'ended', state, ms, error: errorsOf(test), topic });
}

function errorsOf({ result }: Task): string | undefined {
  if (result?.errors === undefined || result.errors.length === 0) return undefined;
  return result.errors
    .map(({ message, stack, diff }) =>
      [stack?.includes(message) ? '' : message, stack, diff].filter(Boolean).join('\n'),
    )
    .join('\n\n');
}

function text(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error);
}

function write(line: Line): void {
  appendFileSync(report, `${JSON.stringify(line)}\n`);
}

await startTests(request.files.map((filepath) => ({ filepath, testLocations: undefined })) as never, new Runner());
clearInterval(alive);
process.exit(0);
