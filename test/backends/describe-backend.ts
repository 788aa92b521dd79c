/**
 * The conformance suite for all backends. An Executor keeps the same promises on every backend. The
 * test file of a backend declares each difference: the title of the test and the reason.
 */
import { type Backend, Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { describe, it, onTestFinished } from 'vitest';
import { type AnyGate, Gate } from '../support/gate.js';
import { type Fixtures, fixture } from '../support/open.js';
import { actors } from './conformance/actors.js';
import { cancellation } from './conformance/cancellation.js';
import { chains } from './conformance/chains.js';
import { context } from './conformance/context.js';
import { deaths } from './conformance/deaths.js';
import { events } from './conformance/events.js';
import { failures } from './conformance/failures.js';
import { inputs } from './conformance/inputs.js';
import { keys } from './conformance/keys.js';
import { lifeCycle } from './conformance/life-cycle.js';
import { limits } from './conformance/limits.js';
import { resources } from './conformance/resources.js';
import { results } from './conformance/results.js';
import { scheduling } from './conformance/scheduling.js';
import { shared } from './conformance/shared.js';
import { streams } from './conformance/streams.js';

export interface Skip {
  readonly reason: string;
  /** Exact titles of tests. */
  readonly tests: readonly string[];
}

export interface SuiteOptions {
  readonly skip?: readonly Skip[];
  /**
   * Creates a gate that works with the workers of this backend. The default gate is in shared
   * memory.
   */
  readonly makeGate?: () => AnyGate;
  /** False if the exit code of a worker is not known. By default, it is known. */
  readonly hasExitCodes?: boolean;
  /** Resolves when the main thread knows that a task has started. By default, it knows at once. */
  readonly startReceived?: (future: Future<unknown>) => Promise<void>;
  /** Resolves when the workers know that a task is cancelled. By default, they know at once. */
  readonly cancelReceived?: (future: Future<unknown>) => Promise<void>;
}

/** Creates executors for a backend that does not accept the options of workers. */
export interface Opener {
  open(options: ExecutorOptions): Opened;
}

export interface Opened {
  readonly executor: Executor<any>;
  /** Called after the test, to end what the executor does not own. */
  close?(): Promise<void>;
}

/** Helpers for a part of the suite. */
export interface Suite {
  it(title: string, test: () => Promise<void>): void;
  /**
   * Creates an executor on the tested backend. It has at most two workers, unless the options
   * differ.
   */
  open<K extends keyof Fixtures>(name: K, options?: ExecutorOptions): Executor<Fixtures[K]>;
  /** Like `open`, for modules without known types. */
  openAny(tasks: URL, options?: ExecutorOptions): Executor<Record<string, (...args: any[]) => unknown>>;
  /** Creates a closed gate for tasks of such an executor. */
  makeGate(): AnyGate;
  /** Returns the exit code that the error for an ended worker has. Undefined if it is not known. */
  exitCode(code: number): number | undefined;
  /** Resolves when the main thread knows that a task at its gate has started. */
  startReceived(future: Future<unknown>): Promise<void>;
  /** Resolves when the workers know that a task is cancelled. */
  cancelReceived(future: Future<unknown>): Promise<void>;
}

/** The parts of the suite, by topic. */
const parts = {
  results,
  failures,
  'ends of workers': deaths,
  cancellation,
  chains,
  streams,
  scheduling,
  keys,
  actors,
  'life cycle': lifeCycle,
  events,
  limits,
  context,
  resources,
  'shared values': shared,
  'stream arguments': inputs,
};

/** The topic of each test that has been defined, for the table of runtimes. */
export const topics = new Map<string, string>();

/** @throws Error if a skip names a test that does not exist */
export function describeBackend(
  name: string,
  make: (() => Backend) | Opener,
  {
    skip = [],
    makeGate = () => new Gate(),
    hasExitCodes = true,
    startReceived = atOnce,
    cancelReceived = atOnce,
  }: SuiteOptions = {},
): void {
  const reasons = new Map(skip.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)));
  const titles = new Set<string>();
  let topic = '';
  const opener: Opener =
    typeof make === 'function'
      ? { open: (options) => ({ executor: new Executor<any>({ backend: make(), ...options }) }) }
      : make;
  const openAny = (tasks: URL, options: ExecutorOptions = {}) => {
    const { executor, close } = opener.open({ tasks, maxWorkers: 2, ...options });
    if (close !== undefined) onTestFinished(close);
    return executor;
  };
  const suite: Suite = {
    it(title, test) {
      if (titles.has(title)) throw new Error(`Two tests have the title: ${title}`);
      titles.add(title);
      topics.set(title, topic);
      const reason = reasons.get(title);
      if (reason === undefined) it(title, test);
      else it.skip(`${title} (not here: ${reason})`, test);
    },
    open: (module, options) => openAny(fixture(module), options),
    openAny,
    makeGate,
    exitCode: (code) => (hasExitCodes ? code : undefined),
    startReceived,
    cancelReceived,
  };

  describe(`the ${name} backend`, () => {
    for (const [each, part] of Object.entries(parts)) {
      topic = each;
      part(suite);
    }
    for (const title of reasons.keys()) {
      if (!titles.has(title)) throw new Error(`describeBackend: skip names a test that does not exist: ${title}`);
    }
  });
}

async function atOnce(): Promise<void> {}
