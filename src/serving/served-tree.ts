/**
 * One job tree on a server. It runs the nodes as tasks of the local engine, and sends messages
 * about each future to the clients that wait for it.
 *
 * The file is long because a tree is the host of its nodes, from their start to their outcomes.
 */

import { now } from '#platform/time';
import type { ServedTasks } from '../engine/served-tasks.js';
import type { NodeData, TreeData } from '../protocol/queue/job-data.js';
import { type EndedSteps, isNeededAgain } from '../protocol/queue/lost-jobs.js';
import type { OutcomeMessage, ToClient, ToServer } from '../protocol/queue/messages.js';
import type { JobReport } from '../protocol/queue/transport.js';
import { fromText } from '../protocol/queue/value-text.js';
import { decodeError, type WireError } from '../protocol/wire-error.js';
import type { Concurrency } from './concurrency.js';
import { endLine } from './job-failure.js';
import type { Lease } from './leases.js';
import type { Outbox } from './outbox.js';
import { type NodeHost, ServedNode } from './served-node.js';
import { decodeOutcome, encodeOutcome, encodeValue, type Failed } from './served-outcome.js';

/** The parts that all trees of a server share. */
interface TreeHost {
  readonly tasks: ServedTasks;
  readonly outbox: Outbox;
  readonly concurrency: Concurrency;
  readonly maxPayload: number;
}

/** A tree, and the data of its job. */
export interface ServedTreeData extends TreeData {
  readonly client: string;
  readonly keep: number;
  /** True if the job contains other trees. */
  readonly isOneOfMany: boolean;
  readonly lease: Lease;
  readonly report?: JobReport | undefined;
}

/** The values that the client passed to the tasks of a tree. */
export interface TreeInputs {
  /** Arguments of the root. */
  readonly args: readonly unknown[];
  /** Contexts of the nodes. Empty if no node has one. */
  readonly contexts: readonly unknown[];
}

/** The state that other servers have reached in a job before. */
export interface PreviousRuns {
  readonly outcomes: ReadonlyMap<number, OutcomeMessage>;
  /** Number of used retries, by future id. */
  readonly retried: ReadonlyMap<number, number>;
  readonly steps: ReadonlyMap<number, EndedSteps>;
}

const NO_FAILURES: readonly Failed[] = [];

export const NO_PREVIOUS_RUN: PreviousRuns = { outcomes: new Map(), retried: new Map(), steps: new Map() };

export class ServedTree implements NodeHost {
  readonly data: ServedTreeData;
  isLost = false;
  readonly #host: TreeHost;
  readonly #inputs: TreeInputs;
  readonly #nodes: ServedNode[] = [];
  /** Other clients that have attached, by future id. */
  #watchers: Map<number, Set<string>> | undefined;
  /** The failures of nodes, without those that failed because of the node before them. */
  #failures: Failed[] | undefined;
  #open: number;
  #ended!: (failures: readonly Failed[]) => void;

  constructor(data: ServedTreeData, inputs: TreeInputs, host: TreeHost) {
    this.data = data;
    this.#inputs = inputs;
    this.#host = host;
    this.#open = data.nodes.length;
  }

  /** Total run time of the tree's tasks in ms. */
  get runTime(): number {
    let ms = 0;
    for (const { ran } of this.#nodes) if (ran !== undefined) ms += ran.ended - ran.started;
    return ms;
  }

  /** The results of the nodes that no other node continues. */
  get results(): unknown[] {
    return this.#nodes.flatMap(({ outcome }, index) => {
      const isLast = !this.data.nodes.some(({ from }) => from === index);
      return isLast ? [outcome?.status === 'fulfilled' ? outcome.value : undefined] : [];
    });
  }

  get hasStream(): boolean {
    return this.data.nodes.some(({ credit }) => credit !== undefined);
  }

  /**
   * Starts the nodes that have no stored outcome from another server. All nodes are started in one
   * tick, so that the local scheduler also treats them as one tree.
   *
   * Calls `ended` when each node has settled and the outbox has its outcome. The argument has the
   * failures of nodes.
   */
  run(before: PreviousRuns, ended: (failures: readonly Failed[]) => void): void {
    const { nodes } = this.data;
    const { outcomes } = before;
    if (this.isLost) {
      ended(NO_FAILURES);
      return;
    }
    this.#ended = ended;
    for (const [index, node] of nodes.entries()) {
      const outcome = outcomes.get(node.id);
      // A value that could not leave the other server is missing here. Its task must run again.
      if (outcome === undefined || isNeededAgain(nodes, index, outcomes)) this.#start(index, node, before);
      else this.#restore(index, node, outcome);
    }
  }

  handle(message: ToServer): void {
    const node = this.#nodes.find(({ data }) => data.id === message.id);
    if (node === undefined) return;
    switch (message.type) {
      case 'cancel':
        if (message.attempt === node.data.attempt) node.cancel(decodeError(fromText(message.reason) as WireError));
        break;
      case 'credit':
        node.grant(message.count);
        break;
      case 'watch': {
        this.#watchers ??= new Map();
        const watchers = this.#watchers.get(message.id) ?? new Set();
        this.#watchers.set(message.id, watchers.add(message.client));
        if (node.started !== undefined) this.publish(message.id, { type: 'started', id: message.id, at: node.started });
        break;
      }
      default:
        message satisfies never;
    }
  }

  /**
   * Called when the lock of the job is lost. If another server runs the job again, this one starts
   * no further step and publishes no outcome.
   */
  lose(): void {
    if (this.isLost || !this.#isRunAgain) return;
    this.isLost = true;
    for (const node of this.#nodes) node.cancel('the server was declared lost, and its job runs again elsewhere');
  }

  get #isRunAgain(): boolean {
    return this.lease.isRerun || this.data.nodes.some(({ retry }) => retry !== undefined);
  }

  /** Cancels the streams of the tree, because their reader is gone and grants no more credit. */
  abandonStreams(): void {
    for (const node of this.#nodes) if (node.data.credit !== undefined) node.cancel('the reader of the stream is gone');
  }

  #start(index: number, data: NodeData, { retried, steps }: PreviousRuns): void {
    const { id, from } = data;
    const { args, contexts } = this.#inputs;
    const node = new ServedNode(data, this, contexts[index]);
    node.start(from === -1 ? args : this.#nodes[from]!.upstream, retried.get(id) ?? 0, steps.get(id));
    this.#nodes[index] = node;
    if (from === -1) node.publishStarted();
  }

  /**
   * Restores a node that settled on a server that was lost later. Dependent nodes continue from it.
   */
  #restore(index: number, data: NodeData, end: OutcomeMessage): void {
    const node = new ServedNode(data, this);
    const outcome = decodeOutcome(end);
    node.outcome = outcome;
    this.#nodes[index] = node;
    const isFailure = outcome.status === 'cancelled' || (outcome.status === 'rejected' && !outcome.isUnsendable);
    if (isFailure && !end.skipped) this.#fail({ failure: outcome.reason, isCancelled: outcome.status === 'cancelled' });
    this.#close();
  }

  #publishOutcome(node: ServedNode): void {
    const { data, ran, started, emitted } = node;
    const { id, attempt } = data;
    const at = ran === undefined ? now() : 0;
    const index = this.#nodes.indexOf(node);
    const dependents = this.#nodes.filter(({ data }) => data.from === index);
    const { kind, payload, failed } = encodeOutcome(node.outcome!, dependents.length > 0, this.#host.maxPayload);
    const skipped = this.#isSkipped(node) || undefined;
    if (failed !== undefined && !skipped) this.#fail(failed);
    const { report } = this.data;
    if (report?.log !== undefined) report.log(endLine(node, failed, skipped));
    const end: OutcomeMessage = {
      type: 'settled',
      id,
      attempt,
      emitted,
      started: ran?.started ?? started ?? at,
      ended: ran?.ended ?? at,
      kind,
      payload,
      skipped,
    };
    const { client, keep, isOneOfMany } = this.data;
    const watchers = this.#watchers?.get(id);
    const clients = watchers === undefined ? [client] : [client, ...watchers];
    this.#host.outbox.publishOutcome(end, keep, clients, index > 0 || attempt > 1 || isOneOfMany, isOneOfMany);
    if (node.outcome!.status === 'fulfilled') for (const dependent of dependents) dependent.publishStarted();
  }

  /**
   * True if the node never ran because its upstream node failed. The client may run the upstream
   * task again, and this one with it.
   */
  #isSkipped({ data, outcome }: ServedNode): boolean {
    const before = this.#nodes[data.from]?.outcome;
    return outcome?.status === 'rejected' && before?.status === 'rejected' && before.reason === outcome.reason;
  }

  // ── NodeHost ───────────────────────────────────────────────────────────────────────────────────

  get tasks(): ServedTasks {
    return this.#host.tasks;
  }

  get concurrency(): Concurrency {
    return this.#host.concurrency;
  }

  get lease(): Lease {
    return this.data.lease;
  }

  get report(): JobReport | undefined {
    return this.data.report;
  }

  encode(value: unknown, name: string): string {
    return encodeValue(value, name, this.#host.maxPayload);
  }

  publish(id: number, message: ToClient): void {
    if (this.isLost) return;
    const { client, keep } = this.data;
    this.#host.outbox.publish(client, keep, message);
    for (const watcher of this.#watchers?.get(id) ?? []) this.#host.outbox.publish(watcher, keep, message);
  }

  settled(node: ServedNode): void {
    if (this.#isRunAgain && !this.lease.isHeld) this.lose();
    if (!this.isLost) this.#publishOutcome(node);
    this.#close();
  }

  #close(): void {
    if (--this.#open === 0) this.#ended(this.#failures ?? NO_FAILURES);
  }

  #fail(failed: Failed): void {
    this.#failures ??= [];
    this.#failures.push(failed);
  }
}
