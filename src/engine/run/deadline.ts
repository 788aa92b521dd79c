/**
 * Deadlines of tasks. A deadline counts from the submit, or for the step of a chain from the moment
 * at which its input is there. It includes all waiting and all retries (G21).
 *
 * A pipeline of several runs has one deadline for all of them. It counts from the start of the
 * first run and rejects the last one, which abandons the runs before it.
 */
import { now } from '#platform/time';
import { isClockFaked, LONGEST_TIMER, UserTimer } from '#platform/timers';
import { TimeoutError } from '../../errors.js';
import type { Future } from '../../future/future.js';
import { SENT } from '../../scheduling/job/job-state.js';
import { type Alarm, Alarms } from './alarms.js';
import type { TaskRun } from './task-run.js';
import { revokeDependents } from './timeout.js';

/** The deadlines of all executors on this thread. */
const alarms = new Alarms();

export class Deadline implements Alarm {
  readonly ms: number;
  at = Number.POSITIVE_INFINITY;
  isSet = false;
  /** The failure of the attempt before the current one. */
  lastFailure: { readonly error: unknown } | undefined = undefined;
  /** The run with which the deadline starts. Undefined after the end of the deadline. */
  #first: TaskRun | undefined;
  /**
   * The run that the deadline rejects. Undefined after the end of the deadline, because a cleared
   * alarm stays in the list for a while.
   */
  #last: TaskRun | undefined;
  /** The timer on a faked clock. Such a clock has its own time, so each deadline needs its own. */
  #timer: UserTimer | undefined;
  /** The time of the faked clock at which the deadline started. */
  #fakeStart = 0;

  constructor(ms: number, first: TaskRun, last: TaskRun) {
    this.ms = ms;
    this.#first = first;
    this.#last = last;
  }

  get hasStarted(): boolean {
    return this.at !== Number.POSITIVE_INFINITY;
  }

  /** Returns true if the deadline rejects `run`. */
  rejects(run: TaskRun): boolean {
    return run === this.#last;
  }

  /** Returns true if the deadline is that of `run` alone. */
  isOf(run: TaskRun): boolean {
    return run === this.#first && run === this.#last;
  }

  /** ms until the deadline. */
  get left(): number {
    return this.#timer === undefined ? this.at - now() : this.ms - (globalThis.Date.now() - this.#fakeStart);
  }

  /** Starts the deadline if it counts from the start of `run`. */
  startFor(run: TaskRun): void {
    if (run === this.#first) this.start(this.ms);
  }

  /** @param left the ms until the deadline, if it has started in another process */
  start(left: number): void {
    if (this.hasStarted || this.#last === undefined || this.#last.future.isSettled) return;
    this.at = now() + left;
    if (left <= 0) {
      this.fire();
      return;
    }
    if (!isClockFaked()) {
      alarms.set(this);
      return;
    }
    this.#fakeStart = globalThis.Date.now();
    this.#wait(left);
  }

  #wait(ms: number): void {
    this.#timer = new UserTimer(ms, () => (ms > LONGEST_TIMER ? this.#wait(ms - LONGEST_TIMER) : this.fire()));
  }

  /** Stops the deadline if it rejects `run`, which has settled. */
  stopFor(run: TaskRun): void {
    if (run !== this.#last) return;
    this.#timer?.stop();
    alarms.clear(this);
    this.#first = undefined;
    this.#last = undefined;
  }

  fire(): void {
    const last = this.#last;
    if (last === undefined || last.future.isSettled) return;
    const active = this.#activeBefore(last);
    const isRunning = hasStarted(active);
    // The deadline is not missed in two cases: the last run of the pipeline had ended in time, or a
    // job behind it has started. In both cases, the report of the last run is on the way.
    if (isRunning && active === last && (this.#hasEndedInTime(last) || !revokeDependents(last))) return;
    last.failAndStop(this.#error(last, isRunning ? 'running' : 'waiting'));
  }

  /** Returns the error of a run that would start again after `delay` ms, if that is too late. */
  tooLateAfter(delay: number): TimeoutError | undefined {
    if (this.#last === undefined || !this.hasStarted || delay < this.left) return undefined;
    return this.#error(this.#last, 'failed');
  }

  /** Returns the run that is running, or else the run that must start next. */
  #activeBefore(last: TaskRun): TaskRun {
    let run = last;
    while (run !== this.#first && run.awaitsUpstream && !hasStarted(run)) run = run.source!._producer as TaskRun;
    return run;
  }

  /**
   * Returns true if the task had ended before the deadline. The task is then not late: its report
   * is on the way, because this thread was blocked at the deadline.
   */
  #hasEndedInTime({ worker, slot }: TaskRun): boolean {
    return this.#timer === undefined && worker!.endedAt(slot) <= this.at;
  }

  #error({ name, id }: TaskRun, what: keyof typeof texts): TimeoutError {
    const phase = what === 'running' ? 'running' : 'waiting';
    const message = `Task "${name}" (#${id}) ${texts[what].replace('<ms>', `${this.ms} ms`)}`;
    return new TimeoutError(
      message,
      this.lastFailure === undefined ? { phase } : { phase, cause: this.lastFailure.error },
    );
  }
}

function hasStarted(run: TaskRun): boolean {
  return run.state === SENT && run.worker?.hasClaimed(run) === true;
}

const texts = {
  waiting:
    'exceeded its deadline of <ms> while it waited. Increase the option "deadline", or submit fewer tasks at a time.',
  running:
    'exceeded its deadline of <ms> while it ran, and was stopped. Increase the option "deadline", or make the task faster.',
  failed:
    'failed, and its deadline of <ms> would expire while it waited for the next run. Increase the option "deadline", or decrease the delay of "retry".',
};

// ── which runs have a deadline ───────────────────────────────────────────────────────────────────

/** A deadline of the runs `from` to `to` of a pipeline. */
export interface PipelineLimit {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/**
 * Sets the deadline of a new run from its options. `isThere` is true if the run has its input, or
 * waits for arguments that are futures: the deadline then starts now.
 */
export function limitRun(run: TaskRun, isThere: boolean): void {
  const { options, timeLeft } = run.task;
  const { deadline } = options;
  if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return;
  const own = new Deadline(deadline, run, run);
  addTo(run, own);
  if (timeLeft !== undefined) own.start(timeLeft);
  else if (isThere) own.startFor(run);
}

/** Sets the deadlines that the runs of a pipeline share. */
export function limitPipeline(
  limits: readonly PipelineLimit[],
  futures: readonly Future<any>[],
  isThere: boolean,
): void {
  for (const { from, to, ms } of limits) {
    // The failure of an earlier run has already settled the futures of all later runs.
    if (ms === Number.POSITIVE_INFINITY || futures[to]!.isSettled) continue;
    const runs = futures.slice(from, to + 1).map((future) => future._producer as TaskRun);
    const shared = new Deadline(ms, runs[0]!, runs.at(-1)!);
    for (const run of runs) if (!run.future.isSettled) addTo(run, shared);
    if (from === 0 ? isThere : !runs[0]!.awaitsUpstream) shared.startFor(runs[0]!);
  }
}

/**
 * Returns the deadline of a run as data, for a server of a queue. `left` is the ms until the
 * deadline, or undefined if it starts when the input is there.
 */
export function deadlineAsData(run: TaskRun): { ms: number; left: number | undefined } | undefined {
  const own = run.rare.deadlines!.filter((deadline) => deadline.rejects(run));
  const [first] = own.filter(({ hasStarted }) => hasStarted).sort((a, b) => a.left - b.left);
  if (first !== undefined) return { ms: first.ms, left: first.left };
  // A server cannot know the first run of a pipeline.
  return own[0]?.isOf(run) ? { ms: own[0].ms, left: undefined } : undefined;
}

function addTo({ rare }: TaskRun, deadline: Deadline): void {
  rare.deadlines = [...(rare.deadlines ?? []), deadline];
}

/** Called when a run that failed would start again after `delay` ms. */
export function tooLate(run: TaskRun, delay: number, failure: unknown): TimeoutError | undefined {
  const { deadlines = [] } = run.rare;
  for (const deadline of deadlines) deadline.lastFailure = { error: failure };
  for (const deadline of deadlines) {
    const error = deadline.tooLateAfter(delay);
    if (error !== undefined) return error;
  }
  return undefined;
}
