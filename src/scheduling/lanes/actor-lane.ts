/**
 * The lane of an actor: the job that constructs its object, its calls, and the job that ends it.
 *
 *     setup:   the job that constructs the object
 *     unsent:  [ call, call, …, end ], of which none is sent before the object exists
 *
 * An actor is assigned to one worker and stays there until that worker ends, or receives no more
 * jobs. Its jobs need no concurrency slot of the worker, because each actor has its own limit. The
 * job that ends it is sent when all others have settled and have ended on the worker.
 */
import { ACTOR } from '../../protocol/job-layout.js';
import type { Job } from '../job/job.js';
import { QUEUED } from '../job/job-state.js';
import type { JobActor } from '../job/place.js';
import { FormerCalls } from './former-calls.js';
import { Lane, LanePlace, placeOf } from './lane.js';

/** The end of a worker, as far as its actors need it. */
export interface ActorLoss {
  /** Returns the error of a call that had not started. */
  lossError(): Error;
  /** The worker has disposed of its objects before it ended. */
  readonly isOrderly: boolean;
}

/** The engine's side of an actor. */
export interface LaneActor extends JobActor {
  /** Rejects the future of a call, if the actor runs no calls any more. Returns whether it did. */
  refuse(call: Job): boolean;
  /**
   * Called when the worker of the actor has ended, and its jobs that had not started are unsent
   * again. Returns a function with everything that may call code of the user.
   */
  workerEnded(loss: ActorLoss): () => void;
  /**
   * Called when the worker of the actor receives no more jobs, but waits for some that run on it.
   * They may wait for an unsent call, so the actor does not wait for the end of the worker. Its
   * running calls finish. Returns a function with everything that may call code of the user.
   */
  workerCloses(lossError: () => Error): () => void;
}

export class ActorLane extends Lane {
  readonly #actor: LaneActor;
  /** The job that constructs the object, until the object exists. */
  setup: Job | undefined = undefined;
  /** The object exists, so that calls may be sent. */
  isOpen = false;
  /** The class has a method that disposes of the object. */
  isDisposable = false;
  readonly #concurrency: number;
  #isEnding = false;
  /** The calls that still run on former workers. */
  #former: FormerCalls[] = [];

  constructor(id: number, concurrency: number, actor: LaneActor, offer: (lane: Lane) => void) {
    super(id, offer);
    this.#actor = actor;
    this.#concurrency = concurrency;
    // A job of an actor never moves to another worker.
    this.isStarted = true;
  }

  override get tag(): number {
    return ACTOR;
  }

  override get actor(): LaneActor {
    return this.#actor;
  }

  override get concurrency(): number {
    return this.#concurrency;
  }

  override get awaitsOthers(): boolean {
    return this.#isEnding || this.#former.length > 0;
  }

  /** True if a job that is sent now has to wait for no other one on the worker. */
  get hasRoom(): boolean {
    return this.roots + this.taken < this.#concurrency;
  }

  override get next(): Job | undefined {
    // A job stays queued from the time when it is taken until it is sent.
    if (!this.isOpen) return this.setup?.state === QUEUED && this.#mayConstruct ? this.setup : undefined;
    const job = super.next;
    if (job === undefined || placeOf(job).role !== 'end') return job;
    return this.unsettled === 1 && !this.isInFlight ? job : undefined;
  }

  override mayStart(job: object): boolean {
    return this.isOpen && this.firstUnsent === job && this.hasRoom && this.barriers === 0;
  }

  override take(): Job {
    if (this.isOpen) return super.take();
    this.taken++;
    return this.setup!;
  }

  override left(isRoot: boolean, hasRun: boolean): void {
    super.left(isRoot, hasRun);
    if (this.inFlight > 0 && this.hasRoom) this.offer(this);
  }

  /**
   * True if no constructor is in flight, and the calls of former objects leave room. A call that
   * was cancelled is not waited for, because it may never stop.
   */
  get #mayConstruct(): boolean {
    return !this.isInFlight && this.#former.reduce((sum, { live }) => sum + live, 0) < this.#concurrency;
  }

  /**
   * Returns a lane for the calls that still run on the worker that the actor leaves. `countLive`
   * returns how many of them have not settled.
   */
  leaveCalls(countLive: () => number): FormerCalls {
    const calls = new FormerCalls(this.key, this.#actor, countLive, () => {
      if (calls.roots === 0) this.#former = this.#former.filter((others) => others !== calls);
      this.offer(this);
    });
    this.#former.push(calls);
    return calls;
  }

  /** Returns the place of a job that constructs the object. */
  setUp(job: Job): LanePlace {
    this.setup = job;
    return this.#special('setup');
  }

  /** Returns the place of the job that ends the actor. The job is added with `push`. */
  joinEnd(): LanePlace {
    this.#isEnding = true;
    this.last = this.#special('end');
    return this.last;
  }

  #special(role: 'setup' | 'end'): LanePlace {
    this.unsettled++;
    return new SpecialPlace(this, role);
  }
}

/** The place of a job that is not a call. */
class SpecialPlace extends LanePlace {
  readonly #role: 'setup' | 'end';

  constructor(lane: ActorLane, role: 'setup' | 'end') {
    super(lane);
    this.#role = role;
  }

  override get role(): 'setup' | 'end' {
    return this.#role;
  }
}
