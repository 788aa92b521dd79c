/** A job that records what the scheduler does with it. No future stands behind it. */
import type { HighWaterMark, RunOptions } from '../../src/protocol/messages.js';
import type { Job, JobKind, JobStreams, JobWorker, Step } from '../../src/scheduling/job/job.js';
import { GONE, QUEUED, SENT, WAITING } from '../../src/scheduling/job/job-state.js';
import type { Place } from '../../src/scheduling/job/place.js';
import type { SharedArgument } from '../../src/scheduling/job/shared-data.js';

export interface FakeJobInit {
  readonly priority?: number;
  readonly args?: readonly unknown[];
  /** Parts of `args` that are moved to the worker. */
  readonly transfer?: readonly unknown[];
  /** The shared values among `args`. */
  readonly shared?: readonly SharedArgument[];
  /** The value for `currentTask().context`. */
  readonly context?: unknown;
  /** The job is a stream with this credit. */
  readonly credit?: number;
  readonly isTimed?: boolean;
  readonly attempt?: number;
  readonly terminateAfter?: number;
  /** The job receives the value of this job, in the same job tree. */
  readonly upstream?: FakeJob;
  /** The worker on which the job has to run. */
  readonly pin?: JobWorker | undefined;
  /** Name of the exported function. By default each job has a function with its own name. */
  readonly calls?: string;
}

/** A call of the scheduler that a job can react to. */
export type Call =
  | 'sent'
  | 'fulfilled'
  | 'rejected'
  | 'cancelled'
  | 'unclonable'
  | 'requeue'
  | 'leftOut'
  | 'progressed'
  | 'streamed';

/** Key of each function. The same name has the same key for every worker. */
const keys = new Map<string, number>();

function exported(name: string): Step {
  if (!keys.has(name)) keys.set(name, keys.size + 1);
  return { key: keys.get(name)!, kind: 'export', name, text: '' };
}

const STATES = new Map([[WAITING, 'waiting'], [QUEUED, 'queued'], [SENT, 'sent'], [GONE, 'gone']]); // biome-ignore format: pairs

export class FakeJob implements Job {
  readonly priority: number;
  readonly attempt: number;
  readonly kind: JobKind;
  readonly steps: readonly Step[];
  readonly highWaterMark: HighWaterMark | undefined;
  args: readonly unknown[] | undefined;
  readonly transfer: readonly unknown[] | undefined;
  readonly shared: readonly SharedArgument[] | undefined;
  readonly streams: JobStreams | undefined = undefined;
  readonly context: unknown;
  readonly isTimed: boolean;
  readonly terminateAfter: number | undefined;
  readonly pin: JobWorker | undefined;
  place: Place | undefined = undefined;
  mayRunAgain = false;
  dependents: FakeJob[] | undefined = undefined;
  state: number = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  /** The future of the job would have settled. */
  isSettled = false;
  /** The calls of the scheduler: `'sent'`, `'fulfilled 1'`, `'rejected Error: lost'`. */
  readonly history: string[] = [];
  /** Times of the run in ms since the epoch. */
  times: { readonly startedAt: number; readonly endedAt: number } | undefined = undefined;
  /** The error of `rejected`, or the reason of `cancelled`. */
  reason: unknown;
  readonly upstream: FakeJob | undefined;
  readonly #reactions = new Map<Call, () => void>();

  constructor(
    readonly id: number,
    readonly name: string,
    init: FakeJobInit = {},
  ) {
    const { credit = 0, upstream } = init;
    this.priority = init.priority ?? 0;
    this.attempt = init.attempt ?? 1;
    this.kind = credit > 0 ? 'stream' : 'call';
    this.steps = [exported(init.calls ?? name)];
    this.highWaterMark = credit > 0 ? { values: credit, bytes: Number.POSITIVE_INFINITY } : undefined;
    this.args = upstream === undefined ? (init.args ?? []) : undefined;
    this.transfer = init.transfer;
    this.shared = init.shared;
    this.context = init.context;
    this.isTimed = init.isTimed ?? false;
    this.terminateAfter = init.terminateAfter;
    this.pin = init.pin;
    this.upstream = upstream;
    if (upstream !== undefined) upstream.dependents = [...(upstream.dependents ?? []), this];
  }

  get hasArgs(): boolean {
    return this.args !== undefined;
  }

  get options(): RunOptions {
    return {
      name: this.name,
      priority: this.priority,
      timeout: undefined,
      terminateAfter: undefined,
      deadline: undefined,
      retry: undefined,
    };
  }

  get awaitsUpstream(): boolean {
    return this.upstream !== undefined && !this.upstream.isSettled;
  }

  /** State of the job as a word. */
  get stateName(): string {
    return STATES.get(this.state)!;
  }

  /** Runs `reaction` inside the next such call, as a callback of the program does. */
  during(call: Call, reaction: () => void): void {
    this.#reactions.set(call, reaction);
  }

  sent(): void {
    this.#called('sent');
  }

  ran(startedAt: number, endedAt: number): void {
    this.times = { startedAt, endedAt };
  }

  fulfilled(value: unknown): void {
    this.isSettled = true;
    this.#called('fulfilled', value);
  }

  rejected(error: unknown): void {
    this.isSettled = true;
    this.reason = error;
    this.#called('rejected', error);
  }

  cancelled(reason: unknown): void {
    this.isSettled = true;
    this.reason = reason;
    this.#called('cancelled', reason);
  }

  unclonable(error: unknown): void {
    this.isSettled = true;
    this.reason = error;
    this.#called('unclonable', error);
  }

  requeue(): void {
    this.#called('requeue');
  }

  leftOut(): void {
    this.isSettled = true;
    this.#called('leftOut');
  }

  progressed(value: unknown): void {
    this.#called('progressed', value);
  }

  streamed(values: readonly unknown[]): void {
    this.#called('streamed', values.join(' '));
  }

  #called(call: Call, ...detail: unknown[]): void {
    this.history.push([call, ...detail].join(' '));
    const reaction = this.#reactions.get(call);
    this.#reactions.delete(call);
    reaction?.();
  }
}
