/**
 * One exam for all backends: whatever runs the tasks, an Executor keeps the same promises. What a backend can't do is
 * declared where it is examined, by the title of the test and with the reason.
 */
import { type Backend, Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { describe, it } from 'vitest';
import { type AnyGate, Gate } from '../support/gate.js';
import { type Fixtures, fixture } from '../support/open.js';
import { cancellation } from './conformance/cancellation.js';
import { chains } from './conformance/chains.js';
import { deaths } from './conformance/deaths.js';
import { events } from './conformance/events.js';
import { failures } from './conformance/failures.js';
import { lifeCycle } from './conformance/life-cycle.js';
import { results } from './conformance/results.js';
import { scheduling } from './conformance/scheduling.js';
import { streams } from './conformance/streams.js';

export interface Skip {
  readonly reason: string;
  /** Titles, letter for letter. */
  readonly tests: readonly string[];
}

export interface ExamOptions {
  readonly skip?: readonly Skip[];
  /** A gate that works across the wall of this backend; without it, one in shared memory. */
  readonly makeGate?: () => AnyGate;
  /** Resolves when this side has heard that a task has begun. Without it that is known at the moment at which it does. */
  readonly beginningHeard?: (future: Future<unknown>) => Promise<void>;
  /** Resolves when the workers have heard that a task is cancelled. Without it they know at the moment at which it is. */
  readonly cancelHeard?: (future: Future<unknown>) => Promise<void>;
}

/** How executors are made, where a backend alone is not enough: options of workers are for somebody else there. */
export interface Opener {
  open(options: ExecutorOptions): Executor<any>;
}

/** What a part of the exam is given. */
export interface Exam {
  it(title: string, test: () => Promise<void>): void;
  /** An executor on the backend that is examined. Two workers at most, unless the options say otherwise. */
  open<K extends keyof Fixtures>(name: K, options?: ExecutorOptions): Executor<Fixtures[K]>;
  /** The same for modules without known types. */
  openAny(tasks: URL, options?: ExecutorOptions): Executor<Record<string, (...args: any[]) => unknown>>;
  /** A gate that is shut, for tasks of such an executor. */
  makeGate(): AnyGate;
  /** Resolves when a task that has come to its gate is known to have begun. */
  beginningHeard(future: Future<unknown>): Promise<void>;
  /** Resolves when the workers know that a task is cancelled. */
  cancelHeard(future: Future<unknown>): Promise<void>;
}

/** @throws Error when a skip names a test that is not there */
export function describeBackend(
  name: string,
  make: (() => Backend) | Opener,
  { skip = [], makeGate = () => new Gate(), beginningHeard = atOnce, cancelHeard = atOnce }: ExamOptions = {},
): void {
  const reasons = new Map(skip.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)));
  const titles = new Set<string>();
  const opener: Opener =
    typeof make === 'function' ? { open: (options) => new Executor<any>({ backend: make(), ...options }) } : make;
  const openAny = (tasks: URL, options: ExecutorOptions = {}) => opener.open({ tasks, maxWorkers: 2, ...options });
  const exam: Exam = {
    it(title, test) {
      if (titles.has(title)) throw new Error(`Two tests have the title: ${title}`);
      titles.add(title);
      const reason = reasons.get(title);
      if (reason === undefined) it(title, test);
      else it.skip(`${title} (not here: ${reason})`, test);
    },
    open: (module, options) => openAny(fixture(module), options),
    openAny,
    makeGate,
    beginningHeard,
    cancelHeard,
  };

  describe(`the ${name} backend`, () => {
    const parts = [results, failures, deaths, cancellation, chains, streams, scheduling, lifeCycle, events];
    for (const part of parts) part(exam);
    for (const title of reasons.keys()) {
      if (!titles.has(title)) throw new Error(`describeBackend: skip names a test that does not exist: ${title}`);
    }
  });
}

async function atOnce(): Promise<void> {}
