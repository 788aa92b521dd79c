/**
 * Collects the runs of an executor from its events.
 *
 * A task is complete when it settles. Until then, its start and its upstream are kept in a map.
 * The map has the same limit as the list of complete runs. A task that does not fit is recorded
 * without its arrow when it settles.
 */
import { now } from '#platform/time';
import type { ExecutorEvent } from '../engine/observe/events.js';
import { Recent } from '../util/recent.js';
import type { Recorded, Run, RunStatus } from './recorded.js';

/** A task that has not settled. */
interface OpenTask {
  readonly name: string;
  readonly upstreamId: number | undefined;
  submittedAt: number;
  attempt: number;
  startedAt: number | undefined;
  worker: string | undefined;
  threadId: number | undefined;
}

type EventOf<T extends ExecutorEvent['type']> = Extract<ExecutorEvent, { type: T }>;

export class Recorder {
  readonly #limit: number;
  readonly #recorded: Recent<Recorded>;
  readonly #open = new Map<number, OpenTask>();
  /** Workers that are starting, and the time of their `worker-spawned`. */
  readonly #starting = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
    this.#recorded = new Recent(limit);
  }

  get dropped(): number {
    return this.#recorded.dropped;
  }

  /** Returns everything that is recorded. Tasks that have not settled end at this moment. */
  all(): Recorded[] {
    const at = now();
    const open = Array.from(this.#open, ([id, task]) =>
      runOf(id, task, task.startedAt === undefined ? 'waiting' : 'running', at, undefined),
    );
    return [...this.#recorded.all(), ...open];
  }

  record(event: ExecutorEvent): void {
    switch (event.type) {
      case 'task-submitted':
        this.#openTask(event.id, event, event.upstreamId, now());
        break;
      case 'task-started':
        this.#started(event);
        break;
      case 'task-retried':
        this.#retried(event);
        break;
      case 'task-settled':
        this.#settled(event);
        break;
      case 'worker-spawned':
        this.#starting.set(event.worker, now());
        break;
      case 'worker-ready':
        this.#ready(event);
        break;
      case 'worker-recycled':
        this.#mark('worker', event, { reason: event.reason });
        break;
      case 'worker-ended':
      case 'worker-died':
        this.#starting.delete(event.worker);
        this.#mark('worker', event, { exitCode: event.exitCode, signal: event.signal, error: nameOf(event.error) });
        break;
      case 'actor-started':
        this.#mark('actor', event, { actor: event.actor });
        break;
      case 'actor-restarted':
        this.#mark('actor', event, { actor: event.actor, restarts: event.restarts, error: nameOf(event.error) });
        break;
      case 'actor-ended':
      case 'actor-died':
        this.#mark('actor', event, { actor: event.actor, error: nameOf(event.error) });
        break;
      default:
        event satisfies never;
    }
  }

  #openTask(id: number, { name }: { name: string }, upstreamId: number | undefined, submittedAt: number): OpenTask {
    if (this.#open.size >= this.#limit) this.#open.delete(this.#open.keys().next().value!);
    const task: OpenTask = {
      name,
      upstreamId,
      submittedAt,
      attempt: 1,
      startedAt: undefined,
      worker: undefined,
      threadId: undefined,
    };
    this.#open.set(id, task);
    return task;
  }

  #started({ id, name, at, waited, attempt, worker, threadId }: EventOf<'task-started'>): void {
    // The task was submitted before the recording started.
    const task = this.#open.get(id) ?? this.#openTask(id, { name }, undefined, at - (waited ?? 0));
    Object.assign(task, { startedAt: at, attempt, worker, threadId });
  }

  #retried({ id, attempt, delay, ran, error }: EventOf<'task-retried'>): void {
    const task = this.#open.get(id);
    if (task === undefined) return;
    this.#add(id, task, 'retried', ran, error);
    const submittedAt = now() + delay;
    const unstarted = { startedAt: undefined, worker: undefined, threadId: undefined };
    Object.assign(task, { ...unstarted, submittedAt, attempt: attempt + 1 });
  }

  #settled({ id, name, status, total, ran, error }: EventOf<'task-settled'>): void {
    const task = this.#open.get(id) ?? this.#openTask(id, { name }, undefined, now() - total);
    this.#open.delete(id);
    this.#add(id, task, status, ran, error);
  }

  #add(id: number, task: OpenTask, status: RunStatus, ran: number | undefined, error: unknown): void {
    const end = task.startedAt === undefined || ran === undefined ? now() : task.startedAt + ran;
    this.#recorded.add(runOf(id, task, status, end, nameOf(error)));
  }

  #ready({ worker, threadId }: EventOf<'worker-ready'>): void {
    const startedAt = this.#starting.get(worker);
    if (startedAt === undefined) return;
    this.#starting.delete(worker);
    this.#recorded.add({ type: 'start', worker, threadId, startedAt, endedAt: now() });
  }

  #mark(
    cat: 'worker' | 'actor',
    { type, worker, threadId }: { type: string; worker: string | undefined; threadId: number | undefined },
    args: Readonly<Record<string, unknown>>,
  ): void {
    // An actor has no worker if its constructor never finished.
    if (worker === undefined) return;
    this.#recorded.add({ type: 'mark', cat, name: type, worker, threadId, at: now(), args });
  }
}

function runOf(
  id: number,
  { name, upstreamId, submittedAt, attempt, startedAt, worker, threadId }: OpenTask,
  status: RunStatus,
  endedAt: number,
  error: string | undefined,
): Run {
  return {
    type: 'run',
    id,
    name,
    upstreamId,
    attempt,
    submittedAt,
    startedAt,
    endedAt,
    worker,
    threadId,
    status,
    error,
  };
}

/** Returns the name of an error class, which shows no value of the program. */
function nameOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof Error ? error.constructor.name : typeof error;
}
