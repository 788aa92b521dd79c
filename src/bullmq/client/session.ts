/**
 * A queue as the one worker of an executor: what the scheduler posts becomes jobs and orders, and what comes into the inbox becomes reports.
 *
 * Futures are known by their ids here, not by their slots: a word may come twice, after a lost connection, or so late that its slot stands
 * for something else. What is not waited for is not heard.
 */

import type { Session, SessionListener } from '../../backends/backend.js';
import { setImmediate } from '../../platform/time.js';
import { type FromWorker, FULFILLED, REJECTED, SKIPPED, type ToWorker } from '../../protocol/messages.js';
import { encodeError, type WireError } from '../../protocol/wire-error.js';
import type { ClientOptions } from '../redis/check-options.js';
import { refusal } from '../redis/redis-error.js';
import type { TreeData } from '../wire/job-data.js';
import { decodeMessages, type End, payloadOf, type ToClient } from '../wire/messages.js';
import { bytesIn, readText, wireText } from '../wire/value-text.js';
import type { Batch } from './batches.js';
import { learn, type Names, type Outgoing, readTrees, treeData } from './job-writer.js';
import { QueueLedger } from './ledger.js';
import { ClientLink, type Identity, type JobState, jobOf } from './link.js';
import { Reconciler, type Waiting } from './reconciler.js';
import { type QueuedTree, Sender } from './sender.js';

/** A future that is waited for. */
interface Flight {
  /** More than one where it was attached as well. */
  readonly slots: number[];
  /** The slot of the leg itself. The others attached to it. */
  readonly own: number | undefined;
  readonly name: string;
  /** It stands for its job: it is the first of the only plan there. */
  isJob: boolean;
  /** Redis has it. */
  isWritten: boolean;
  /** The id of its job, where that is known. */
  job: string | undefined;
  /** Of its task; of what somebody else has submitted any will do. */
  readonly attempt: number | undefined;
  /** Ids of all legs of its plan. */
  readonly tree: readonly number[];
  readonly isAttached: boolean;
  /** Values of its stream that have come. */
  items: number;
  /** Values that its reader has asked for, beyond those of the beginning. */
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
  readonly #flights = new Map<number, Flight>();
  readonly #sender = new Sender({
    send: (batches) => this.#send(batches),
    isWanted: (tree) => this.#isWanted(tree),
  });
  /** What is being written. */
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
        heard: (text: string) => this.#hear(decodeMessages<ToClient>(text)),
        lost: (error: Error) => this.#finish(error),
        back: () => this.#write(this.#reconciler?.cameBack()),
      };
      const link = await ClientLink.open(this.#options, this.#identity, listener, this.#opening.signal);
      if (this.#hasEnded) return await link.close(true);
      this.#link = link;
      this.#reconciler = new Reconciler(link, {
        queue: this.#options.queue,
        awaited: this.#flights,
        waiting: (id) => this.#waiting(id),
        ended: (ends) => this.#hear(ends),
        refused: (id, error) => this.#refuse(id, error),
      });
      this.#publish({ type: 'ready' });
    } catch (error) {
      this.#publish({ type: 'boot-failed', stage: 'connection', error: encodeError(error) });
    }
  }

  // ── from the scheduler ────────────────────────────────────────────────────────────────────────────────────────────

  post(message: ToWorker): void {
    switch (message.type) {
      case 'run':
        learn(this.#names, message.functions);
        this.#add([...readTrees(message, this.#names)]);
        break;
      case 'abort':
        this.#stop(message);
        break;
      case 'credit':
        this.#grant(message);
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
    // What is being cancelled in this tick still goes out.
    setImmediate(() => void this.#close());
  }

  #add(outgoing: readonly Outgoing[]): void {
    const trees: QueuedTree[] = [];
    const again: QueuedTree[] = [];
    for (const each of outgoing) {
      const [reason] = each.args;
      if (each.isAttached && reason !== undefined) {
        this.#write(this.#stopOther(each, reason as WireError));
        continue;
      }
      const root = this.#take(each);
      if (each.isAttached) {
        this.#write(this.#attach(root));
        continue;
      }
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

  /** What the connection before had sent may be there: what is, is not sent twice. */
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
    await this.#reconciler!.ends(there.flatMap(idsOf));
  }

  #isWanted({ nodes }: TreeData): boolean {
    return nodes.some(({ id }) => this.#flights.has(id));
  }

  #send(batches: readonly Batch[]): void {
    if (this.#hasEnded) return;
    for (const { trees } of batches) {
      const root = this.#flights.get(trees[0]!.nodes[0]!.id);
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

  /** Rejects the futures of the jobs that were not added. Some jobs of a bulk may have been added, and run. */
  async #afterRefusal(batches: readonly Batch[], jobs: readonly Sent[], error: unknown): Promise<void> {
    if (this.#hasEnded) return;
    // The connection broke between the answers. BullMQ does not add a job twice.
    if ((error as Error).name === 'AbortError') return this.#send(batches);
    const firsts = jobs.map(({ job, ids }) => ({ id: ids[0]!, job }));
    // A single job was not added, so there is nothing to look up.
    const states = jobs.length === 1 ? undefined : await this.#link!.jobs(firsts).catch(() => undefined);
    for (const { ids, job } of jobs) {
      const state = states?.get(ids[0]!);
      if (state !== undefined && state.phase !== 'gone') this.#noteWritten(ids, job);
      else for (const id of ids) this.#refuse(id, refusal(error, this.#options.queue));
    }
  }

  /** Waits for its legs from now on. The id of its root. */
  #take({ slots, nodes, isAttached }: Outgoing): number {
    const tree = nodes.map(({ id }) => id);
    for (const [i, { id, name, attempt }] of nodes.entries()) {
      const slot = slots[i]!;
      const known = this.#flights.get(id);
      // An attached future of this very client may be here before the task that it joins: a submit with a lower priority is sent later.
      const isSent = known !== undefined && (isAttached || !known.isAttached);
      if (isSent) known.slots.push(slot);
      else
        this.#flights.set(id, {
          slots: [...(known?.slots ?? []), slot],
          own: isAttached ? undefined : slot,
          name,
          isJob: false,
          isWritten: false,
          job: undefined,
          attempt: isAttached ? undefined : attempt,
          tree,
          isAttached,
          items: 0,
          credit: 0,
        });
    }
    return nodes[0]!.id;
  }

  async #attach(id: number): Promise<void> {
    // Its own, which it hears of anyway.
    if (!this.#flights.get(id)!.isAttached) return;
    try {
      // 1. Whoever has its task is asked to tell us too, 2. we look whether it has ended: whichever comes first, one of the two finds the end.
      await this.#link!.message({ type: 'watch', id, client: this.#identity.client });
      const isThere = await this.#reconciler!.find(id);
      // The task is this client's own, and was sent meanwhile.
      if (this.#flights.get(id)?.isAttached === false) return;
      if (isThere) return this.#noteWritten([id], undefined);
      const { queue } = this.#options;
      this.#refuse(
        id,
        new RangeError(
          `attach(${id}): the queue ${queue} knows no future of this id: it was never submitted there, or its end is older than keepResults.`,
        ),
      );
    } catch (error) {
      if (this.#flights.get(id)?.isAttached === true) this.#refuse(id, refusal(error, this.#options.queue));
    }
  }

  #grant({ id, count }: ToWorker & { type: 'credit' }): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    flight.credit += count;
    this.#write(this.#link?.insist({ type: 'credit', id, count: flight.credit }));
  }

  #noteWritten(ids: readonly number[], job: string | undefined): void {
    for (const id of ids) {
      const flight = this.#flights.get(id);
      if (flight === undefined) continue;
      flight.isWritten = true;
      flight.job = job;
    }
  }

  #waiting(id: number): Waiting | undefined {
    const flight = this.#flights.get(id);
    return flight?.isWritten === true ? { id, job: flight.job, isAttached: flight.isAttached } : undefined;
  }

  /** What somebody else has submitted. */
  async #stopOther({ nodes, slots }: Outgoing, error: WireError): Promise<void> {
    const reason = wireText(error);
    const { id, attempt } = nodes[0]!;
    await this.#link!.message({ type: 'stop', id, attempt, reason }).catch(() => {});
    this.#report([{ slot: slots[0]!, kind: FULFILLED, value: undefined }]);
  }

  /** Its future is cancelled: nobody here waits for what comes of it. */
  #stop({ slot, id, attempt, ...abort }: ToWorker & { type: 'abort' }): void {
    const flight = this.#flights.get(id);
    if (flight === undefined || !flight.slots.includes(slot)) return;
    this.#drop(id, slot);
    setImmediate(() => this.#report([{ slot, kind: SKIPPED, value: undefined }]));
    const link = this.#link;
    if (link === undefined) return;
    const reason = wireText(abort.reason);
    this.#write(link.insist({ type: 'stop', id, attempt, reason }));
    // Where it has not begun; a job that has can't be removed.
    if (flight.isJob) this.#write(link.remove(flight.tree, attempt, reason));
  }

  // ── from the queue ────────────────────────────────────────────────────────────────────────────────────────────────

  #hear(messages: readonly ToClient[]): void {
    const reports: Report[] = [];
    const elsewhere: number[] = [];
    for (const message of messages) {
      const flight = this.#flights.get(message.id);
      if (flight === undefined || this.#hasEnded) continue;
      switch (message.type) {
        case 'started':
          for (const slot of flight.slots) this.ledger.started(slot, message.at);
          this.#sender.started();
          break;
        case 'progress': {
          const read = readText(message.value);
          for (const slot of flight.slots) if (read !== undefined) this.#publish({ type: 'progress', slot, ...read });
          break;
        }
        case 'items':
          this.#items(flight, message);
          break;
        case 'ended':
          if (message.payload === undefined) elsewhere.push(message.id);
          else reports.push(...this.#ended(flight, message));
          break;
        default:
          message satisfies never;
      }
    }
    this.#report(reports);
    if (elsewhere.length > 0) this.#write(this.#reconciler!.ends(elsewhere));
  }

  #items(flight: Flight, { first, values }: ToClient & { type: 'items' }): void {
    const all = readText(values)?.value;
    // Told again after a lost connection; or told to somebody else from the beginning. And a sparse array may have any length.
    if (!Array.isArray(all) || all.length > bytesIn(values) || first !== flight.items) return;
    flight.items += all.length;
    for (const slot of flight.slots) this.#publish({ type: 'items', slot, values: all });
  }

  #ended(flight: Flight, end: End): Report[] {
    const { id, kind, attempt, skipped, items = 0, started, ended } = end;
    const brought = payloadOf(end);
    // What it waits for is still to come: so are the values of a stream, where its end was looked up.
    const isOurs = flight.attempt === undefined || flight.attempt === attempt;
    if (brought === undefined || !isOurs || (!flight.isAttached && items > flight.items)) return [];
    this.#flights.delete(id);
    if (!flight.isAttached) this.#sender.observe(flight.name, Math.max(0, ended - started));
    return flight.slots.map((slot) => {
      this.ledger.ended(slot, started, ended);
      // The leg that feeds it settles it, or is run again with it.
      if (skipped && slot === flight.own) return { slot, kind: SKIPPED, value: undefined };
      return { slot, kind, ...brought };
    });
  }

  // ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #refuseLater({ nodes }: Outgoing, error: unknown): void {
    setImmediate(() => {
      for (const { id } of nodes) this.#refuse(id, error);
    });
  }

  #refuse(id: number, error: unknown): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    this.#flights.delete(id);
    const value = encodeError(error);
    this.#report(flight.slots.map((slot) => ({ slot, kind: REJECTED, value })));
  }

  #drop(id: number, slot: number): void {
    const { slots } = this.#flights.get(id)!;
    slots.splice(slots.indexOf(slot), 1);
    if (slots.length === 0) this.#flights.delete(id);
  }

  #report(reports: readonly Report[]): void {
    if (reports.length === 0) return;
    const cells = reports.flatMap(({ slot, kind }) => [slot, kind]);
    this.#publish({ type: 'reports', cells, values: reports.map(({ value }) => value), busy: 0 });
  }

  #publish(message: FromWorker): void {
    if (!this.#hasEnded) this.#listener.message(message);
  }

  /** A failure to write is a lost connection, which is noticed there. */
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
    const lost = [...this.#flights].filter(([, { isAttached }]) => error !== undefined && !isAttached);
    this.#identity.lost = new Map(lost.map(([id, { attempt = 1 }]) => [id, attempt]));
    this.#reconciler?.close();
    this.#sender.close();
    void this.#link?.close(error === undefined);
    this.#listener.ended({ exitCode: error === undefined ? 0 : undefined, error });
  }
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
