/**
 * Presents a queue to the scheduler as the single worker of an executor. It converts posted
 * messages to jobs and orders, and inbox entries to reports.
 *
 * It identifies futures by id, not by slot. A message may arrive twice after a lost connection, or
 * so late that its slot holds another job. Messages for a future that is not pending are ignored.
 *
 * The file is long because each message in both directions has a method here.
 */

import { setImmediate } from '#platform/time';
import type { FromWorker, ToQueue, ToWorker } from '../../protocol/messages.js';
import { REPORT_CANCELLED, REPORT_SKIPPED } from '../../protocol/messages.js';
import { wireCancelHeadline } from '../../protocol/queue/headlines.js';
import { jobIdOf } from '../../protocol/queue/job-id.js';
import { decodeMessages, outcomeNow, type ToClient } from '../../protocol/queue/messages.js';
import type { ClientConnection, ClientTransport } from '../../protocol/queue/transport.js';
import { wireText } from '../../protocol/queue/value-text.js';
import { encodeError } from '../../protocol/wire-error.js';
import type { Session, SessionListener } from '../backend.js';
import { Enqueuer } from './enqueuer.js';
import { Incoming } from './incoming.js';
import { learn, type Names, type Outgoing, readTrees, treeData } from './job-writer.js';
import type { QueueLedger } from './ledger.js';
import { type LostFutures, PendingFutures } from './pending.js';
import { Reconciler } from './reconciler.js';
import { Reports } from './reports.js';
import { type QueuedTree, Sender } from './sender.js';

export class QueueSession implements Session {
  readonly ledger: QueueLedger;
  readonly threadId = undefined;
  readonly canRevoke = false;
  readonly #transport: ClientTransport;
  readonly #lost: LostFutures;
  readonly #listener: SessionListener;
  readonly #names: Names = new Map();
  readonly #pending = new PendingFutures();
  readonly #sender = new Sender({
    send: (batches) => {
      if (!this.#hasEnded) this.#write(this.#enqueuer!.add(batches));
    },
    isWanted: (tree) => this.#pending.isWanted(tree),
  });
  readonly #reports = new Reports(this.#pending, (message) => this.#publish(message));
  readonly #incoming: Incoming;
  /** Commands whose replies are pending. */
  readonly #writing = new Set<Promise<unknown>>();
  readonly #opening = new AbortController();
  #connection: ClientConnection | undefined;
  #enqueuer: Enqueuer | undefined;
  #reconciler: Reconciler | undefined;
  #hasEnded = false;

  constructor(ledger: QueueLedger, transport: ClientTransport, lost: LostFutures, listener: SessionListener) {
    this.#transport = transport;
    this.#lost = lost;
    this.#listener = listener;
    this.ledger = ledger;
    this.#incoming = new Incoming({
      pending: this.#pending,
      ledger,
      sender: this.#sender,
      reports: this.#reports,
      publish: (message) => this.#publish(message),
      lookUp: (ids) => this.#write(this.#reconciler!.outcomes(ids)),
    });
    void this.#open();
  }

  async #open(): Promise<void> {
    try {
      const listener = {
        received: (text: string) => this.#receive(decodeMessages<ToClient>(text)),
        lost: (error: Error) => this.#finish(error),
        reconnected: () => this.#write(this.#reconciler?.reconnected()),
      };
      const connection = await this.#transport.connect(listener, this.#opening.signal);
      if (this.#hasEnded) return await connection.close(true);
      this.#connection = connection;
      this.#enqueuer = new Enqueuer(connection, {
        pending: this.#pending,
        reports: this.#reports,
        hasEnded: () => this.#hasEnded,
      });
      this.#reconciler = new Reconciler(connection, {
        awaited: this.#pending,
        unsettled: (id) => this.#pending.unsettled(id),
        settled: (outcomes) => this.#receive(outcomes),
        refused: (id, error) => this.#reports.refuse(id, error),
      });
      this.#publish({ type: 'ready' });
    } catch (error) {
      this.#publish({ type: 'boot-failed', prerequisite: 'connection', error: encodeError(error) });
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
        if (this.#pending.attach(message)) this.#write(this.#find(message.id));
        break;
      case 'cancel-remote':
        this.#write(this.#cancelRemote(message));
        break;
      case 'ping':
        setImmediate(() => this.#publish({ type: 'pong' }));
        break;
      case 'measure':
      case 'share':
      case 'unshare':
      case 'ledger':
      case 'link':
      case 'input-values':
      case 'input-ended':
      case 'finalize':
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
    // The connection closes in the next turn, so that the cancels of this tick are still sent.
    setImmediate(() => void this.#close());
  }

  #add(outgoing: readonly Outgoing[]): void {
    const trees: QueuedTree[] = [];
    const again: QueuedTree[] = [];
    for (const each of outgoing) {
      const root = this.#pending.register(each);
      try {
        const queued = { tree: treeData(each, this.#transport.maxPayload), priority: each.priority };
        if (this.#lost.attempts.get(root) === each.nodes[0]!.attempt) again.push(queued);
        else trees.push(queued);
      } catch (error) {
        this.#reports.refuseLater(each.nodes, error);
      }
    }
    this.#sender.add(trees);
    if (again.length > 0) this.#write(this.#sendAgain(again));
  }

  /** Sends trees that were sent on a lost connection, unless their jobs exist. */
  async #sendAgain(queued: readonly QueuedTree[]): Promise<void> {
    const { there, missing } = await this.#enqueuer!.find(queued);
    this.#sender.add(missing.filter(({ tree }) => this.#pending.isWanted(tree)));
    await this.#reconciler!.outcomes(there);
  }

  /** Finds the task of a future that this client has attached to. */
  async #find(id: number): Promise<void> {
    try {
      // 1. Ask the server of the task to send its messages to this client as well.
      // 2. Look for a stored outcome.
      // Whenever the future settles, at least one of the two steps finds its outcome.
      await this.#connection!.order({ type: 'watch', id, client: this.#transport.client });
      const isThere = await this.#reconciler!.find(id);
      // The task belongs to this client, and was sent in the meantime.
      if (this.#pending.get(id)?.isAttached === false) return;
      if (isThere) return this.#pending.noteWritten([id], undefined);
      const { queue } = this.#transport;
      this.#reports.refuse(
        id,
        new RangeError(
          `attach(${id}): the queue "${queue}" has no future with this id. It was never submitted there, or its outcome is older than keepResults. Check the id and the queue.`,
        ),
      );
    } catch (error) {
      if (this.#pending.get(id)?.isAttached === true) this.#reports.refuse(id, this.#connection!.refusal(error));
    }
  }

  #addCredit({ id, count }: ToWorker & { type: 'credit' }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.credit += count;
    this.#write(this.#connection?.orderUntilAccepted({ type: 'credit', id, count: pending.credit }));
  }

  /** Cancels a future that another client has submitted, in its first attempt. */
  async #cancelRemote({ id, reason }: ToQueue & { type: 'cancel-remote' }): Promise<void> {
    await this.#connection!.order({ type: 'cancel', id, attempt: 1, reason: wireText(reason) }).catch(() => {});
    this.#publish({ type: 'remote-cancelled', id });
  }

  /** Called when a future of this client is cancelled. Its slot no longer waits for an outcome. */
  #cancel({ slot, id, attempt, ...abort }: ToWorker & { type: 'abort' }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || !pending.slots.includes(slot)) return;
    this.#pending.drop(id, slot);
    setImmediate(() => this.#reports.send([{ slot, kind: REPORT_SKIPPED, value: undefined }]));
    const connection = this.#connection;
    if (connection === undefined) return;
    const reason = wireText(abort.reason);
    this.#write(connection.orderUntilAccepted({ type: 'cancel', id, attempt, reason }));
    // Only a job that has no other tree can end here. It goes on if a server has claimed it.
    if (!pending.isJob) return;
    const outcomes = pending.tree.map((each) => outcomeNow(each, attempt, REPORT_CANCELLED, reason));
    const why = wireCancelHeadline(abort.reason);
    this.#write(connection.cancel(jobIdOf(pending.tree[0]!, attempt), outcomes, why));
  }

  // ── from the queue ─────────────────────────────────────────────────────────────────────────────

  #receive(messages: readonly ToClient[]): void {
    if (!this.#hasEnded) this.#incoming.receive(messages);
  }

  #publish(message: FromWorker): void {
    if (!this.#hasEnded) this.#listener.message(message);
  }

  /** Ignores failed writes, because the connection itself detects that it is lost. */
  #write(writing: Promise<unknown> | undefined): void {
    if (writing === undefined) return;
    const settled = writing.catch(() => {}).finally(() => this.#writing.delete(settled));
    this.#writing.add(settled);
  }

  async #close(): Promise<void> {
    this.#sender.flush();
    await this.#connection?.close(true, [...this.#writing]);
    this.#finish(undefined);
  }

  #finish(error: Error | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#opening.abort();
    const lost = [...this.#pending].filter(([, { isAttached }]) => error !== undefined && !isAttached);
    this.#lost.attempts = new Map(lost.map(([id, { attempt = 1 }]) => [id, attempt]));
    this.#reconciler?.close();
    this.#sender.close();
    void this.#connection?.close(error === undefined);
    this.#listener.ended(error === undefined ? { type: 'exited', exitCode: 0 } : { type: 'failed', error });
  }
}
