/**
 * A worker that the test plays. The test says when the worker claims a job and when it reports, so
 * each race is put in an exact order. The ledger is the real one.
 *
 * The file is long because it has a method for each message in both directions.
 */
import type { Session, SessionLedger, SessionListener } from '../../src/backends/backend.js';
import { type EndingParts, endingOf } from '../../src/backends/ending.js';
import { performance } from '../../src/platform/time.js';
import {
  argcOf,
  attemptOf,
  endOfKeys,
  firstKeyOf,
  idOf,
  NO_UPSTREAM,
  nextJob,
  slotOf,
  upstreamOf,
} from '../../src/protocol/job-layout.js';
import { Ledger, REVOKED, UNCLAIMED } from '../../src/protocol/ledger.js';
import {
  type FromWorker,
  type JobBatch,
  type Prerequisite,
  REPORT_FULFILLED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  type RunOptions,
  type ToWorker,
} from '../../src/protocol/messages.js';
import type { Transferable } from '../../src/protocol/transfer.js';
import { encodeError } from '../../src/protocol/wire-error.js';
import { AssumedLedger } from './assumed-ledger.js';
import type { FakeJob } from './fake-job.js';

/** A job that was posted to a worker and that the worker has not reported. */
interface PostedJob {
  readonly slot: number;
  /** The job of the same tree whose value this job receives. */
  readonly upstream: PostedJob | undefined;
  readonly dependents: PostedJob[];
  readonly id: number;
  readonly attempt: number;
  readonly keys: readonly number[];
  readonly args: readonly unknown[];
  /** The kind of the report that will be sent. `undefined` until the worker reaches the job. */
  kind: number | undefined;
}

export class FakeWorker implements Session {
  readonly ledger: SessionLedger & Pick<Ledger, 'claim' | 'finish' | 'markCancelRead' | 'clearCancelRead'>;
  /**
   * The messages of the scheduler: `'run a b(c)'`, where c depends on b, `'abort a'`,
   * `'credit a 5'`, `'ping'`, `'end'` and `'kill'`.
   */
  readonly log: string[] = [];
  /** Options of the jobs, if the backend asks for them. */
  readonly options: RunOptions[] = [];
  /** Names of the functions that were sent to the worker. */
  readonly defined: string[] = [];
  /** Time in ms that each job takes, as the reports say. With 0 the pace stays unknown. */
  pace = 0;
  /** Time in ms for which the event loop of the worker was idle. */
  idle = 0;
  /** The worker has run a job and reported it. */
  hasRun = false;
  #posted: PostedJob[] = [];
  readonly #names = new Map<number, string>();
  readonly #functions = new Map<number, string>();
  readonly #listener: SessionListener;

  constructor(
    readonly name: string,
    readonly threadId: number,
    readonly canRevoke: boolean,
    listener: SessionListener,
  ) {
    this.ledger = canRevoke ? new Ledger() : new AssumedLedger();
    this.#listener = listener;
  }

  // ── Session: called by the scheduler ───────────────────────────────────────────────────────────

  post(message: ToWorker, transfer: readonly Transferable[] = []): void {
    switch (message.type) {
      case 'run':
        this.#receive(message, structuredClone(message.args, { transfer: [...transfer] as never }));
        break;
      case 'abort':
        this.log.push(`abort ${this.#names.get(message.id)}`);
        break;
      case 'credit':
        this.log.push(`credit ${this.#names.get(message.id)} ${message.count}`);
        break;
      case 'share':
      case 'unshare':
        this.log.push(`${message.type} ${message.id}`);
        break;
      case 'ping':
      case 'measure':
      case 'finalize':
      case 'end':
        this.log.push(message.type);
        break;
      case 'ledger':
      case 'link':
      case 'input-values':
      case 'input-ended':
        this.log.push(message.type);
        break;
      default:
        message satisfies never;
    }
  }

  idleTime(): number {
    return this.idle;
  }

  /** The scheduler calls `end` once. */
  end(): void {
    if (this.log.includes('end')) throw new Error(`${this.name} was asked to end twice.`);
    this.log.push('end');
  }

  /** The scheduler may call `kill` more than once. */
  kill(): void {
    if (!this.log.includes('kill')) this.log.push('kill');
  }

  #receive({ cells, functions = [], options = [] }: JobBatch, args: readonly unknown[]): void {
    for (const { key, name } of functions) {
      this.defined.push(name);
      this.#functions.set(key, name);
    }
    this.options.push(...options);
    const jobs: PostedJob[] = [];
    let root = 0;
    let nextArgument = 0;
    for (let at = 0; at < cells.length; at = nextJob(cells, at)) {
      const [slot, id, attempt, from] = [
        slotOf(cells, at),
        idOf(cells, at),
        attemptOf(cells, at),
        upstreamOf(cells, at),
      ];
      const keys = [...cells.slice(firstKeyOf(at), endOfKeys(cells, at))];
      if (from === NO_UPSTREAM) root = jobs.length;
      const upstream = from === NO_UPSTREAM ? undefined : jobs[root + from];
      const own = args.slice(nextArgument, nextArgument + argcOf(cells, at));
      const job: PostedJob = { slot, upstream, dependents: [], id, attempt, keys, args: own, kind: undefined };
      upstream?.dependents.push(job);
      jobs.push(job);
      nextArgument += own.length;
      this.#names.set(id, this.#functions.get(keys[0]!) ?? '(unknown function)');
    }
    this.#posted.push(...jobs);
    this.log.push(`run ${this.#draw(jobs.filter(({ upstream }) => upstream === undefined))}`);
  }

  /** Draws job trees: `'a b(c d(e))'`. */
  #draw(jobs: readonly PostedJob[]): string {
    const drawn = jobs.map(({ id, dependents }) => {
      const name = this.#names.get(id)!;
      return dependents.length === 0 ? name : `${name}(${this.#draw(dependents)})`;
    });
    return drawn.join(' ');
  }

  // ── what the worker does, as the test says ─────────────────────────────────────────────────────

  /** Returns the slot of a job. If the job was posted twice, the slot of the older post. */
  slotOf(job: FakeJob): number {
    return this.#find(job).slot;
  }

  argsOf(job: FakeJob): readonly unknown[] {
    return this.#find(job).args;
  }

  #find({ id, name }: FakeJob): PostedJob {
    const found = this.#posted.find((posted) => posted.id === id);
    if (found === undefined) throw new Error(`${this.name} was sent no job "${name}", or has reported it.`);
    return found;
  }

  /** Claims a job. Returns false if the job was revoked. */
  claims(job: FakeJob): boolean {
    return this.ledger.claim(this.slotOf(job), performance.now());
  }

  /** Claims jobs if necessary, ends them, and reports all of them in one message. */
  fulfils(...jobs: FakeJob[]): void {
    this.reports(...jobs.map((job) => [job, REPORT_FULFILLED, job.name] as const));
  }

  rejects(job: FakeJob, error: unknown): void {
    this.reports([job, REPORT_REJECTED, encodeError(error)]);
  }

  /** Reports that the jobs did not run. */
  skips(...jobs: FakeJob[]): void {
    this.reports(...jobs.map((job) => [job, REPORT_SKIPPED, undefined] as const));
  }

  /** Reports jobs in one message. Jobs that are not skipped run first. */
  reports(...reports: (readonly [job: FakeJob, kind: number, payload: unknown])[]): void {
    const ran = reports.filter(([, kind]) => kind !== REPORT_SKIPPED);
    for (const [job] of ran) this.#run(job);
    this.hasRun ||= ran.length > 0;
    const cells = reports.flatMap(([job, kind]) => [this.slotOf(job), kind]);
    const done = new Set(reports.map(([job]) => this.#find(job)));
    this.#posted = this.#posted.filter((posted) => !done.has(posted));
    this.says({
      type: 'reports',
      cells,
      values: reports.map(([, , payload]) => payload),
      busy: ran.length * this.pace,
    });
  }

  #run(job: FakeJob): void {
    const slot = this.slotOf(job);
    if (this.ledger.stateOf(slot) === UNCLAIMED) this.claims(job);
    if (this.ledger.stateOf(slot) === REVOKED) throw new Error(`${this.name} can't run "${job.name}": it was revoked.`);
    this.ledger.finish(slot);
  }

  /** Number of jobs that the worker has not reached. */
  get unreached(): number {
    return this.#posted.filter(({ kind }) => kind === undefined).length;
  }

  /**
   * Reaches the oldest job that it has not reached, as a real worker does. It claims the job, or
   * skips the job if it was revoked or its upstream was skipped. Returns the id of a claimed job.
   */
  reachesNext(): number | undefined {
    const job = this.#posted.find(({ kind }) => kind === undefined);
    if (job === undefined) return undefined;
    const { upstream } = job;
    // The slot of a job that was reported may belong to another job.
    if (upstream !== undefined && this.#posted.includes(upstream)) this.ledger.finish(upstream.slot);
    const canRun = upstream?.kind !== REPORT_SKIPPED && this.ledger.claim(job.slot, performance.now());
    job.kind = canRun ? REPORT_FULFILLED : REPORT_SKIPPED;
    return canRun ? job.id : undefined;
  }

  /** Ends and reports all jobs that it has reached, in one message. The value of each is its id. */
  reportsReached(): void {
    const reached = this.#posted.filter(({ kind }) => kind !== undefined);
    if (reached.length === 0) return;
    this.#posted = this.#posted.filter(({ kind }) => kind === undefined);
    const ran = reached.filter(({ kind }) => kind !== REPORT_SKIPPED);
    for (const { slot } of ran) this.ledger.finish(slot);
    this.hasRun ||= ran.length > 0;
    const cells = reached.flatMap(({ slot, kind }) => [slot, kind!]);
    this.says({ type: 'reports', cells, values: reached.map(({ id }) => id), busy: ran.length * this.pace });
  }

  /** Sends values of a stream. */
  emits(job: FakeJob, ...values: unknown[]): void {
    this.says({ type: 'values', slot: this.slotOf(job), values, bytes: 8 * values.length });
  }

  /**
   * Sends values of a stream that has to wait because of their bytes. `creditLeft` is the credit
   * that it knows of.
   */
  emitsAndWaits(job: FakeJob, creditLeft: number, ...values: unknown[]): void {
    this.says({ type: 'values', slot: this.slotOf(job), values, bytes: 8 * values.length, creditLeft });
  }

  ready(): void {
    this.says({ type: 'ready' });
  }

  failsToBoot(prerequisite: Prerequisite, error: unknown): void {
    this.says({ type: 'boot-failed', prerequisite, error: encodeError(error) });
  }

  /** An error has escaped. With `job`, the job left the code that threw. */
  faults(error: unknown, job?: FakeJob): void {
    this.#faulted(error, false, job);
  }

  /** An error has escaped, and a running task was rejected with it. */
  faultsTraced(error: unknown): void {
    this.#faulted(error, true);
  }

  #faulted(error: unknown, isRejected: boolean, job?: FakeJob): void {
    const { id = 0, name = this.name } = job ?? {};
    this.says({ type: 'faulted', error: encodeError(error), isRejected, id, name });
  }

  /** The heap has reached its limit. */
  fills(): void {
    this.says({ type: 'heap-full' });
  }

  /** The finalizer has ended, with an error if one is passed. */
  finalizes(error?: unknown): void {
    this.says({ type: 'finalized', error: error === undefined ? undefined : encodeError(error) });
  }

  pongs(): void {
    this.says({ type: 'pong' });
  }

  says(message: FromWorker): void {
    this.#listener.message(message);
  }

  /** The worker has ended, by itself or because it was asked to. */
  ends(ending: Partial<EndingParts> = {}): void {
    this.#listener.ended(endingOf({ exitCode: 0, signal: undefined, error: undefined, ...ending }));
  }
}
