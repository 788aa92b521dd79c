/**
 * Presents a queue to the scheduler as the single worker of an executor. It converts posted
 * messages to jobs and orders, and inbox entries to reports.
 *
 * It identifies futures by id, not by slot. A message may arrive twice after a lost connection, or
 * so late that its slot holds another job. Messages for a future that is not pending are ignored.
 */

import type { Session, SessionListener } from '../../backends/backend.js';
import { setImmediate } from '../../platform/time.js';
import { type FromWorker, REJECTED, SKIPPED, type ToQueue, type ToWorker } from '../../protocol/messages.js';
import { encodeError } from '../../protocol/wire-error.js';
import type { ClientOptions } from '../redis/check-options.js';
import { refusal } from '../redis/redis-error.js';
import type { TreeData } from '../wire/job-data.js';
import { decodeMessages, type OutcomeMessage, payloadOf, type ToClient } from '../wire/messages.js';
import { bytesIn, readText, wireText } from '../wire/value-text.js';
import type { Batch } from './batches.js';
import { learn, type Names, type Outgoing, readTrees, treeData } from './job-writer.js';
import { QueueLedger } from './ledger.js';
import { ClientLink, type Identity, type JobState, jobOf } from './link.js';
import { Reconciler, type Waiting } from './reconciler.js';
import { type QueuedTree, Sender } from './sender.js';

/** A future that was submitted or attached here and has no outcome yet. */
interface PendingFuture {
  /** Several slots if the future was attached as well. */
  readonly slots: number[];
  /** Slot of the job itself. The other slots are attached to it. */
  readonly own: number | undefined;
  readonly name: string;
  /** True if the future is the first of the only tree in its job. Its job can then be removed. */
  isJob: boolean;
  /** True if Redis has the job. */
  isWritten: boolean;
  /** The id of the job, if it is known. */
  job: string | undefined;
  /**
   * Attempt of the task. Undefined for a future of another client, whose attempt does not matter.
   */
  readonly attempt: number | undefined;
  /** Future ids of all nodes of the tree. */
  readonly tree: readonly number[];
  readonly isAttached: boolean;
  /** Number of stream values that have arrived. */
  items: number;
  /** Credit that the reader has granted beyond the initial credit. */
  credit: number;
}

export class QueueSession implements Session {
  readonly ledger = new QueueLedger();
  readonly threadId = undefined;
  readonly canTakeBack = false;
  readonly #options: ClientOptions;
  readonly #identity: Identity;
  readonly #listener: SessionListener;
  readonly #names: Names = new Map();
  readonly #pending = new Map<number, PendingFuture>();
  readonly #sender = new Sender({
    send: (batches) => this.#send(batches),
    isWanted: (tree) => this.#isWanted(tree),
  });
  /** Commands whose replies are pending. */
  readonly #writing = new Set<Promise<unknown>>();
  readonly #opening = new AbortController();
  #link: ClientLink | undefined;
  #reconciler: Reconciler | undefined;
  #hasEnded = false;

  constructor(options: ClientOptions, identity: Identity, listener: SessionListener) {
    this.#options = options;
    this.#identity = identity;
    this.#listener = listener;
    void this.#open();
  }

  async #open(): Promise<void> {
    try {
      const listener = {
        received: (text: string) => this.#receive(decodeMessages<ToClient>(text)),
        lost: (error: Error) => this.#finish(error),
        reconnected: () => this.#write(this.#reconciler?.reconnected()),
      };
      const link = await ClientLink.open(this.#options, this.#identity, listener, this.#opening.signal);
      if (this.#hasEnded) return await link.close(true);
      this.#link = link;
      this.#reconciler = new Reconciler(link, {
        queue: this.#options.queue,
        awaited: this.#pending,
        waiting: (id) => this.#waiting(id),
        settled: (outcomes) => this.#receive(outcomes),
        refused: (id, error) => this.#refuse(id, error),
      });
      this.#publish({ type: 'ready' });
    } catch (error) {
      this.#publish({ type: 'boot-failed', stage: 'connection', error: encodeError(error) });
    }
  }

  // ── from the scheduler ─────────────────────────────────────────────────────────────────────────

  post(message: ToWorker | ToQueue): void {
    switch (message.type) {
      case 'run':
        learn(this.#names, message.functions);
        this.#add([...readTrees(message, this.#names)]);
        break;
      case 'abort':
        this.#cancel(message);
        break;
      case 'credit':
        this.#addCredit(message);
        break;
      case 'attach':
        this.#attach(message);
        break;
      case 'cancel-remote':
        this.#write(this.#cancelRemote(message));
        break;
      case 'ping':
        setImmediate(() => this.#publish({ type: 'pong' }));
        break;
      case 'end':
        break;
      default:
        message satisfies never;
    }
  }

  end(): void {
    void this.#close();
  }

  kill(): void {
    // Cancels of this tick are still sent.
    setImmediate(() => void this.#close());
  }

  #add(outgoing: readonly Outgoing[]): void {
    const trees: QueuedTree[] = [];
    const again: QueuedTree[] = [];
    for (const each of outgoing) {
      const root = this.#register(each);
      try {
        const queued = { tree: treeData(each, this.#options.maxPayload), priority: each.priority };
        if (this.#identity.lost.get(root) === each.nodes[0]!.attempt) again.push(queued);
        else trees.push(queued);
      } catch (error) {
        this.#refuseLater(each, error);
      }
    }
    this.#sender.add(trees);
    if (again.length > 0) this.#write(this.#sendAgain(again));
  }

  /**
   * Sends trees that were sent on a lost connection. Trees whose jobs exist in Redis are not sent
   * again.
   */
  async #sendAgain(queued: readonly QueuedTree[]): Promise<void> {
    const idsOf = ({ tree }: QueuedTree) => tree.nodes.map(({ id }) => id);
    let states: Map<number, JobState>;
    try {
      states = await this.#link!.jobs(queued.map(({ tree }) => ({ id: tree.nodes[0]!.id, job: undefined })));
    } catch (error) {
      for (const id of queued.flatMap(idsOf)) this.#refuse(id, refusal(error, this.#options.queue));
      return;
    }
    const stateOf = ({ tree }: QueuedTree) => states.get(tree.nodes[0]!.id)!;
    const there = queued.filter((each) => stateOf(each).phase !== 'gone');
    for (const each of there) this.#noteWritten(idsOf(each), stateOf(each).job);
    this.#sender.add(queued.filter((each) => stateOf(each).phase === 'gone' && this.#isWanted(each.tree)));
    await this.#reconciler!.outcomes(there.flatMap(idsOf));
  }

  #isWanted({ nodes }: TreeData): boolean {
    return nodes.some(({ id }) => this.#pending.has(id));
  }

  #send(batches: readonly Batch[]): void {
    if (this.#hasEnded) return;
    for (const { trees } of batches) {
      const root = this.#pending.get(trees[0]!.nodes[0]!.id);
      if (root !== undefined && trees.length === 1) root.isJob = true;
    }
    const jobs = batches.map(({ trees }) => ({
      job: jobOf(trees),
      ids: trees.flatMap(({ nodes }) => nodes.map(({ id }) => id)),
    }));
    const added = this.#link!.add(batches).then(
      () => {
        for (const { ids, job } of jobs) this.#noteWritten(ids, job);
      },
      (error) => this.#afterRefusal(batches, jobs, error),
    );
    this.#write(added);
  }

  /** Rejects the futures of the jobs that were not added. Part of a bulk may have been added. */
  async #afterRefusal(batches: readonly Batch[], jobs: readonly Sent[], error: unknown): Promise<void> {
    if (this.#hasEnded) return;
    // The connection broke between two replies. BullMQ never adds a job id twice, so all jobs can
    // be sent again.
    if ((error as Error).name === 'AbortError') return this.#send(batches);
    const firsts = jobs.map(({ job, ids }) => ({ id: ids[0]!, job }));
    // A single job was certainly not added.
    const states = jobs.length === 1 ? undefined : await this.#link!.jobs(firsts).catch(() => undefined);
    for (const { ids, job } of jobs) {
      const state = states?.get(ids[0]!);
      if (state !== undefined && state.phase !== 'gone') this.#noteWritten(ids, job);
      else for (const id of ids) this.#refuse(id, refusal(error, this.#options.queue));
    }
  }

  /** Registers the futures of a tree as pending. Returns the id of the root. */
  #register({ slots, nodes }: Outgoing): number {
    const tree = nodes.map(({ id }) => id);
    for (const [i, { id, name, attempt }] of nodes.entries()) {
      const slot = slots[i]!;
      const known = this.#pending.get(id);
      if (known?.isAttached === false) known.slots.push(slot);
      // A client may attach to a future of its own before it sends the task: a task with a lower
      // priority is sent later.
      else this.#pending.set(id, newPending([...(known?.slots ?? []), slot], { own: slot, name, attempt, tree }));
    }
    return nodes[0]!.id;
  }

  #attach({ slot, id }: ToQueue & { type: 'attach' }): void {
    const known = this.#pending.get(id);
    if (known === undefined) this.#pending.set(id, newPending([slot], undefined));
    else known.slots.push(slot);
    // This client receives the messages about its own futures anyway.
    if (known?.isAttached !== false) this.#write(this.#find(id));
  }

  async #find(id: number): Promise<void> {
    try {
      // 1. Ask the server of the task to send its messages to this client as well.
      // 2. Look for a stored outcome.
      // Whenever the future settles, at least one of the two steps finds its outcome.
      await this.#link!.order({ type: 'watch', id, client: this.#identity.client });
      const isThere = await this.#reconciler!.find(id);
      // The task belongs to this client, and was sent in the meantime.
      if (this.#pending.get(id)?.isAttached === false) return;
      if (isThere) return this.#noteWritten([id], undefined);
      const { queue } = this.#options;
      this.#refuse(
        id,
        new RangeError(
          `attach(${id}): the queue "${queue}" has no future with this id. It was never submitted there, or its outcome is older than keepResults. Check the id and the queue.`,
        ),
      );
    } catch (error) {
      if (this.#pending.get(id)?.isAttached === true) this.#refuse(id, refusal(error, this.#options.queue));
    }
  }

  #addCredit({ id, count }: ToWorker & { type: 'credit' }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.credit += count;
    this.#write(this.#link?.orderUntilAccepted({ type: 'credit', id, count: pending.credit }));
  }

  #noteWritten(ids: readonly number[], job: string | undefined): void {
    for (const id of ids) {
      const pending = this.#pending.get(id);
      if (pending === undefined) continue;
      pending.isWritten = true;
      pending.job = job;
    }
  }

  #waiting(id: number): Waiting | undefined {
    const pending = this.#pending.get(id);
    return pending?.isWritten === true ? { id, job: pending.job, isAttached: pending.isAttached } : undefined;
  }

  /** Cancels a future that another client has submitted, in its first attempt. */
  async #cancelRemote({ id, reason }: ToQueue & { type: 'cancel-remote' }): Promise<void> {
    await this.#link!.order({ type: 'cancel', id, attempt: 1, reason: wireText(reason) }).catch(() => {});
    this.#publish({ type: 'remote-cancelled', id });
  }

  /** Called when a future of this client is cancelled. Its slot no longer waits for an outcome. */
  #cancel({ slot, id, attempt, ...abort }: ToWorker & { type: 'abort' }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || !pending.slots.includes(slot)) return;
    this.#drop(id, slot);
    setImmediate(() => this.#report([{ slot, kind: SKIPPED, value: undefined }]));
    const link = this.#link;
    if (link === undefined) return;
    const reason = wireText(abort.reason);
    this.#write(link.orderUntilAccepted({ type: 'cancel', id, attempt, reason }));
    // Removes the job if it has not started. BullMQ refuses to remove a started job.
    if (pending.isJob) this.#write(link.remove(pending.tree, attempt, reason));
  }

  // ── from the queue ─────────────────────────────────────────────────────────────────────────────

  #receive(messages: readonly ToClient[]): void {
    const reports: Report[] = [];
    const elsewhere: number[] = [];
    for (const message of messages) {
      const pending = this.#pending.get(message.id);
      if (pending === undefined || this.#hasEnded) continue;
      switch (message.type) {
        case 'started':
          for (const slot of pending.slots) this.ledger.started(slot, message.at);
          this.#sender.started();
          break;
        case 'progress': {
          const read = readText(message.value);
          for (const slot of pending.slots) if (read !== undefined) this.#publish({ type: 'progress', slot, ...read });
          break;
        }
        case 'items':
          this.#items(pending, message);
          break;
        case 'settled':
          if (message.payload === undefined) elsewhere.push(message.id);
          else reports.push(...this.#settled(pending, message));
          break;
        default:
          message satisfies never;
      }
    }
    this.#report(reports);
    if (elsewhere.length > 0) this.#write(this.#reconciler!.outcomes(elsewhere));
  }

  #items(pending: PendingFuture, { first, values }: ToClient & { type: 'items' }): void {
    const all = readText(values)?.value;
    // `first` differs if the values were sent twice after a lost connection, or if the reader
    // attached too late. The length is checked because a sparse array may claim any length.
    if (!Array.isArray(all) || all.length > bytesIn(values) || first !== pending.items) return;
    pending.items += all.length;
    for (const slot of pending.slots) this.#publish({ type: 'items', slot, values: all });
  }

  #settled(pending: PendingFuture, end: OutcomeMessage): Report[] {
    const { id, kind, attempt, skipped, items = 0, started, ended } = end;
    const settledWith = payloadOf(end);
    // Ignores an outcome of another attempt. Also ignores a stored outcome of a stream whose values
    // have not all arrived: its message follows the values.
    const isCurrent = pending.attempt === undefined || pending.attempt === attempt;
    if (settledWith === undefined || !isCurrent || (!pending.isAttached && items > pending.items)) return [];
    this.#pending.delete(id);
    if (!pending.isAttached) this.#sender.observe(pending.name, Math.max(0, ended - started));
    return pending.slots.map((slot) => {
      this.ledger.ended(slot, started, ended);
      // The upstream job settles this one, or runs again together with it.
      if (skipped && slot === pending.own) return { slot, kind: SKIPPED, value: undefined };
      return { slot, kind, ...settledWith };
    });
  }

  // ───────────────────────────────────────────────────────────────────────────────────────────────

  #refuseLater({ nodes }: Outgoing, error: unknown): void {
    setImmediate(() => {
      for (const { id } of nodes) this.#refuse(id, error);
    });
  }

  #refuse(id: number, error: unknown): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const value = encodeError(error);
    this.#report(pending.slots.map((slot) => ({ slot, kind: REJECTED, value })));
  }

  #drop(id: number, slot: number): void {
    const { slots } = this.#pending.get(id)!;
    slots.splice(slots.indexOf(slot), 1);
    if (slots.length === 0) this.#pending.delete(id);
  }

  #report(reports: readonly Report[]): void {
    if (reports.length === 0) return;
    const cells = reports.flatMap(({ slot, kind }) => [slot, kind]);
    this.#publish({ type: 'reports', cells, values: reports.map(({ value }) => value), busy: 0 });
  }

  #publish(message: FromWorker): void {
    if (!this.#hasEnded) this.#listener.message(message);
  }

  /** Ignores failed writes: they mean that the connection is lost, which the link detects. */
  #write(writing: Promise<unknown> | undefined): void {
    if (writing === undefined) return;
    const settled = writing.catch(() => {}).finally(() => this.#writing.delete(settled));
    this.#writing.add(settled);
  }

  async #close(): Promise<void> {
    this.#sender.flush();
    await this.#link?.close(true, [...this.#writing]);
    this.#finish(undefined);
  }

  #finish(error: Error | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#opening.abort();
    const lost = [...this.#pending].filter(([, { isAttached }]) => error !== undefined && !isAttached);
    this.#identity.lost = new Map(lost.map(([id, { attempt = 1 }]) => [id, attempt]));
    this.#reconciler?.close();
    this.#sender.close();
    void this.#link?.close(error === undefined);
    this.#listener.ended({ exitCode: error === undefined ? 0 : undefined, error });
  }
}

/** Returns a future without an outcome. `task` is undefined for the future of another client. */
function newPending(
  slots: number[],
  task: Pick<PendingFuture, 'own' | 'name' | 'attempt' | 'tree'> | undefined,
): PendingFuture {
  const { own, name = '', attempt, tree = [] } = task ?? {};
  const isAttached = task === undefined;
  return {
    slots,
    own,
    name,
    attempt,
    tree,
    isAttached,
    isJob: false,
    isWritten: false,
    job: undefined,
    items: 0,
    credit: 0,
  };
}

/** A job that was sent, and the ids of its futures. */
interface Sent {
  readonly job: string;
  readonly ids: readonly number[];
}

interface Report {
  readonly slot: number;
  readonly kind: number;
  readonly value: unknown;
}
