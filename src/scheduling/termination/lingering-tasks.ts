/**
 * The lingering tasks of one worker: tasks that were cancelled or timed out, and still run. Each of
 * them passes up to three moments after its cancel:
 *
 *   1. After LINGERS_AFTER_MS, other workers run what waits, and this worker is pinged.
 *   2. After BLOCKED_AFTER_MS without an answer, synchronous code blocks the thread. The worker is
 *      terminated, unless a task on it is entitled to more time.
 *   3. After `terminateAfter`, the worker is replaced (terminator.ts).
 *
 * Most tasks stop before the first moment. Such a cancel costs an object and a share of a timer.
 */
import { clearTimeout, performance, setImmediate, type Timer, unref } from '#platform/time';
import { limitOfWorker } from '#platform/timers';
import type { Worker } from '../worker/worker.js';

/**
 * ms after the cancel at which a task that still runs counts as lingering: its worker is pinged,
 * and a replacement worker may start. A task that listens to its signal has stopped by then. A new
 * thread takes some 40 ms to start, so an earlier start would not pay.
 */
export const LINGERS_AFTER_MS = 25;

/**
 * ms after the cancel at which the answer to the ping is due. The thread has ended before 100 ms
 * are over (G22). A garbage collection takes tens of ms.
 */
export const BLOCKED_AFTER_MS = 75;

/** Number of ms by which a timer must be late to show that this process had no processor. */
const LATE_MS = 20;

/** Node's timers may fire a millisecond early. */
const EARLY_MS = 1;

const NEVER = Number.POSITIVE_INFINITY;

export interface LingeringListener {
  /** A task lingers, and the worker was pinged. Nothing new is sent to it until it answers. */
  lingers(worker: Worker): void;
  /** A task that lingered has stopped. */
  stopped(worker: Worker): void;
  /** The worker is blocked, and no task on it is entitled to more time. */
  blocked(worker: Worker): void;
  /** A task has run for `terminateAfter` ms after its cancel. */
  expired(worker: Worker): void;
}

interface LingeringTask {
  readonly slot: number;
  /** Generation of the slot. It replaces the job, which would keep its future alive. */
  readonly generation: number;
  /** Time at which the worker is replaced. */
  expiresAt: number;
  /** True if the worker is terminated early when the task blocks it. */
  readonly mayEndEarly: boolean;
  /** Time at which the worker is pinged, or its answer is judged. */
  next: number;
  /** Time of the ping; undefined before it. */
  pingedAt: number | undefined;
  /** Idle time of the worker at the ping. */
  idleBefore: number;
}

export class LingeringTasks {
  readonly #worker: Worker;
  readonly #listener: LingeringListener;
  #tasks: LingeringTask[] = [];
  #timer: Timer | undefined;
  #timerDue = NEVER;

  constructor(worker: Worker, listener: LingeringListener) {
    this.#worker = worker;
    this.#listener = listener;
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  /** Number of stopped tasks that have not ended on the worker. */
  get running(): number {
    return this.#tasks.filter((task) => this.#isRunning(task)).length;
  }

  /** Number of lingering tasks for which a replacement worker may be started. */
  get replaced(): number {
    return this.#tasks.filter((task) => task.pingedAt !== undefined && this.#isRunning(task)).length;
  }

  /** Adds the started job in a slot, which was stopped just now. */
  add(slot: number, terminateAfter: number, mayEndEarly: boolean): void {
    const at = performance.now();
    this.#tasks.push({
      slot,
      generation: this.#worker.inFlight.generation(slot),
      expiresAt: at + terminateAfter,
      mayEndEarly,
      next: at + LINGERS_AFTER_MS,
      pingedAt: undefined,
      idleBefore: 0,
    });
    this.#schedule();
  }

  /** Called after the worker has reported jobs. Removes the tasks that have stopped. */
  reported(): void {
    const { inFlight } = this.#worker;
    const left = this.#tasks.filter(({ slot, generation }) => inFlight.hasGeneration(slot, generation));
    if (left.length === this.#tasks.length) return;
    this.#tasks = left;
    this.#update();
    this.#schedule();
    this.#listener.stopped(this.#worker);
  }

  /** Called when the worker is being terminated or has ended. Nothing more happens to its tasks. */
  close(): void {
    for (const task of this.#tasks) finish(task);
    this.#schedule();
  }

  /** Updates what the scheduler sees of the worker. */
  #update(): void {
    const pings = this.#tasks.flatMap(({ pingedAt }) => pingedAt ?? []);
    const worker = this.#worker;
    worker.pingedAt = Math.max(0, ...pings);
    worker.load.mayPrefetch = pings.length === 0;
  }

  #isRunning({ slot, generation }: LingeringTask): boolean {
    return this.#worker.inFlight.isRunning(slot, generation);
  }

  // ── moments ────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sets one timer, for the earliest time at which something has to be done about any of the tasks.
   */
  #schedule(): void {
    let due = NEVER;
    for (const { next, expiresAt } of this.#tasks) due = Math.min(due, next, expiresAt);
    if (due === this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    if (due !== NEVER) this.#timer = unref(limitOfWorker(due - performance.now(), () => this.#timerFired(due)));
  }

  #timerFired(due: number): void {
    // A message that was read before this call may have set another timer.
    if (this.#timerDue !== due) return;
    this.#timerDue = NEVER;
    const isLate = performance.now() - due > LATE_MS;
    // A listener of an event may call anything, so a task may be removed meanwhile.
    for (const task of [...this.#tasks]) if (this.#tasks.includes(task)) this.#check(task, isLate);
    this.#schedule();
  }

  #check(task: LingeringTask, isLate: boolean): void {
    const now = performance.now() + EARLY_MS;
    if (!this.#isRunning(task)) {
      // The task has ended, and its report is on the way.
      finish(task);
    } else if (task.expiresAt <= now) {
      finish(task);
      this.#listener.expired(this.#worker);
    } else if (task.next > now) {
      return;
    } else if (task.pingedAt === undefined) {
      this.#ping(task);
    } else {
      task.next = NEVER;
      // After this thread was busy, its timers run before the messages that have arrived. One of
      // the messages may be the answer, so they are read first.
      setImmediate(() => this.#judge(task, isLate));
    }
  }

  #ping(task: LingeringTask): void {
    const worker = this.#worker;
    task.pingedAt = performance.now();
    this.#awaitAnswer(task);
    this.#update();
    worker.post({ type: 'ping' });
    this.#listener.lingers(worker);
  }

  #awaitAnswer(task: LingeringTask): void {
    task.next = performance.now() + BLOCKED_AFTER_MS - LINGERS_AFTER_MS;
    task.idleBefore = this.#worker.idleTime;
  }

  #judge(task: LingeringTask, isLate: boolean): void {
    const worker = this.#worker;
    if (!this.#tasks.includes(task)) return;
    const hasAnswered = worker.answeredAt >= task.pingedAt!;
    // A worker without a processor does not answer in time, although its task only awaits. The idle
    // time of its event loop shows that the task does not block it.
    const waited = BLOCKED_AFTER_MS - LINGERS_AFTER_MS;
    if (!hasAnswered && (isLate || worker.idleTime - task.idleBefore > waited / 2)) {
      this.#awaitAnswer(task);
      this.#schedule();
      return;
    }
    if (!hasAnswered && this.#mayEndEarly) this.#listener.blocked(worker);
  }

  /**
   * True if no task on the worker is entitled to more time. Three kinds of tasks are: one that is
   * not cancelled, one that has read its cancel, and one with an explicit `terminateAfter`.
   */
  get #mayEndEarly(): boolean {
    const { inFlight } = this.#worker;
    if (inFlight.live().length > 0) return false;
    return this.#tasks.every(
      (task) => !this.#isRunning(task) || (task.mayEndEarly && !inFlight.hasReadCancel(task.slot)),
    );
  }
}

function finish(task: LingeringTask): void {
  task.next = NEVER;
  task.expiresAt = NEVER;
}
