/** Broadcasts: one task on each worker that is up, and one future of all results. */
import { type Context, call, here } from '#platform/context';
import { DetachedProducer } from '../future/detached.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { advance, whenSettled } from '../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { isStreamLike } from '../protocol/stream/stream-like.js';
import { isTransferred } from '../protocol/transfer.js';
import type { JobWorker } from '../scheduling/job/job.js';
import type { Engine } from './engine.js';
import type { TaskInfo } from './handles/task-info.js';
import { captureForLater } from './run/future-arguments.js';
import { actorLaneOf } from './run/key.js';
import { LEFT_OUT } from './run/rare-fields.js';
import type { TaskRun } from './run/task-run.js';
import { holdShared } from './sharing/shared.js';

/**
 * Runs a task once on each worker that is up, and on at least one.
 *
 * @throws TypeError, ExecutorShutdownError or BrokenExecutorError
 */
export function broadcast(task: TaskInfo, args: readonly unknown[]): Future<any[]> {
  const { engine } = task;
  const refusal = engine.refusal();
  if (refusal !== undefined) throw refusal;
  if (!engine.traits.ownsWorkers) {
    throw new TypeError(
      `broadcast(): executor "${engine.name}" uses a queue, whose workers belong to other processes. Restart the servers, or let each task read what it needs.`,
    );
  }
  if (actorLaneOf(task.options) !== undefined) {
    throw new TypeError(
      `broadcast(): "${task.name}" is a method of an actor, which lives on one worker. Call the method of each actor.`,
    );
  }
  if (task.options.key !== undefined) {
    throw new TypeError(
      `broadcast(): task "${task.name}" has a key, but tasks of a key run one at a time on one worker. Remove the option "key".`,
    );
  }
  const moved = args.findIndex(isTransferred);
  if (moved !== -1) {
    throw new TypeError(
      `broadcast(): argument ${moved + 1} is marked with transfer(), but each worker needs a copy of it. Pass the value itself.`,
    );
  }
  const stream = args.findIndex((arg) => isStreamLike(arg));
  if (stream !== -1) {
    throw new TypeError(
      `broadcast(): argument ${stream + 1} is a stream, which one task reads. Pass the values as an array, or call the task for each reader.`,
    );
  }
  const all = new Broadcast(task, captureForLater(args, engine, true), holdShared(args, engine));
  all.start();
  return all.result;
}

class Broadcast {
  readonly result: Future<any[]>;
  readonly #task: TaskInfo;
  readonly #engine: Engine;
  readonly #submit: (run: TaskRun) => void;
  readonly #parts = new Set<Part>();
  readonly #values: unknown[] = [];
  /** The async context of the call. The option `context` of the executor is read in it. */
  readonly #context: Context = here();
  #isStarting = true;

  /** `release` is called when the result has settled. */
  constructor(task: TaskInfo, submit: (run: TaskRun) => void, release: () => void) {
    this.#task = task;
    this.#engine = task.engine;
    this.#submit = submit;
    const producer = new BroadcastProducer(task.name, task.engine, this, release);
    this.result = new Future<any[]>(producer);
    producer.future = this.result;
    // The engine keeps the future, so that terminate() finds it.
    task.engine.follow(this.result);
  }

  start(): void {
    for (const worker of this.#engine.workforce.receiving) this.#add(worker);
    this.#isStarting = false;
    this.#fulfilAfterLast();
  }

  isRunning(): boolean {
    for (const { future } of this.#parts) if (future.state !== 'pending') return true;
    return this.#values.length > 0;
  }

  stop(reason: unknown): void {
    for (const part of this.#parts) abandon(part.future, part, reason);
  }

  settled(part: Part, settled: Future<any>[]): void {
    const { _state: state, _result: result } = part.future;
    this.#parts.delete(part);
    if (this.result.isSettled) return;
    let isDecided = false;
    if (state === FULFILLED) this.#values.push(part.future._value());
    else if (state === REJECTED) isDecided = advance(this.result, REJECTED, result);
    else if ((result as Error).cause !== LEFT_OUT) isDecided = advance(this.result, CANCELLED, result);
    // `#fulfilAfterLast` may start a part that settles the result at once. It then returns false,
    // because that part delivers the result.
    if (isDecided || this.#fulfilAfterLast()) settled.push(this.result);
  }

  #add(worker: JobWorker | undefined): void {
    if (this.result.isSettled) return;
    const run = () => this.#engine.runPart(this.#task, this.#submit, worker);
    const part = new Part(this, call(this.#context, run, undefined, undefined));
    this.#parts.add(part);
    whenSettled(part.future, part);
    // A listener of an event of this part may have cancelled the result.
    if (this.result.isSettled) abandon(part.future, part, 'the broadcast has settled');
  }

  /**
   * Fulfils the result after the last part, and returns whether it did. If no worker ran the task,
   * starts it on any worker.
   */
  #fulfilAfterLast(): boolean {
    if (this.#isStarting || this.#parts.size > 0 || this.result.isSettled) return false;
    if (this.#values.length > 0) return advance(this.result, FULFILLED, this.#values);
    this.#add(undefined);
    return false;
  }
}

/** One part of the broadcast: its run on one worker. */
class Part implements Reaction {
  constructor(
    readonly broadcast: Broadcast,
    readonly future: Future<any>,
  ) {}

  react(future: Future<any>, settled: Future<any>[]): void {
    future._observe();
    this.broadcast.settled(this, settled);
  }
}

class BroadcastProducer extends DetachedProducer {
  override readonly owner: Owner;
  future: Future<any> | undefined;
  #broadcast: Broadcast | undefined;
  readonly #releaseShared: () => void;

  constructor(name: string, owner: Owner, all: Broadcast, releaseShared: () => void) {
    super(name, (reason) => all.stop(reason));
    this.#releaseShared = releaseShared;
    this.owner = owner;
    this.#broadcast = all;
  }

  override isRunning(): boolean {
    return this.#broadcast?.isRunning() ?? false;
  }

  override release(): void {
    super.release();
    // The parts need the shared values until the result has settled, because a part that no worker
    // ran is submitted again. So the broadcast holds the values, and not each part.
    this.#releaseShared();
    if (this.future !== undefined) this.owner.unfollow?.(this.future);
    this.future = undefined;
    // A settled future must not keep the arguments alive.
    this.#broadcast = undefined;
  }
}
