/**
 * One job tree on a server. It runs the nodes as futures of the local engine, and sends messages
 * about each future to the clients that wait for it.
 */

import type { Engine } from '../../engine/engine.js';
import type { TaskInfo } from '../../engine/handles/task.js';
import type { TaskRun } from '../../engine/run/task-run.js';
import { Deferred } from '../../future/deferred.js';
import type { Future } from '../../future/future.js';
import { reject, whenSettled } from '../../future/settle.js';
import { FULFILLED, REJECTED } from '../../future/state.js';
import { now } from '../../platform/time.js';
import { cloneFault, messageOf, unclonable } from '../../protocol/clone-fault.js';
import {
  CANCELLED as CANCELLED_REPORT,
  FULFILLED as FULFILLED_REPORT,
  REJECTED as REJECTED_REPORT,
  UNCLONABLE as UNCLONABLE_REPORT,
} from '../../protocol/messages.js';
import { decodeError, type WireError } from '../../protocol/wire-error.js';
import { SENT, type Step, streamStep } from '../../scheduling/job.js';
import { type NodeData, type TreeData, tooLarge } from '../wire/job-data.js';
import { type EndedSteps, isNeededAgain } from '../wire/lost-jobs.js';
import { type OutcomeMessage, payloadOf, type ToServer } from '../wire/messages.js';
import { bytesIn, errorText, fromText, readText, toText } from '../wire/value-text.js';
import type { Concurrency } from './concurrency.js';
import type { Outbox } from './outbox.js';

/** The parts that all trees of a server share. */
interface TreeHost {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly concurrency: Concurrency;
  readonly maxPayload: number;
  step(name: string): Step;
}

/** A tree, and the data of its job. */
export interface ServedTreeData extends TreeData {
  readonly client: string;
  readonly keep: number;
  /** True if the job contains other trees. */
  readonly isOneOfMany: boolean;
  readonly lease: Lease;
}

/** The lease of this server on the job. */
export interface Lease {
  /** False if the lock has expired, so that another server may have the job. */
  readonly isHeld: boolean;
  /**
   * True if lost jobs run again. Finished steps are then noted, and a server that was taken for
   * lost cancels its run.
   */
  readonly isRerun: boolean;
  /** Notes that a future uses one retry. */
  retrying(id: number): void;
  /** Notes that `count` steps of a future have finished, and the value of the last one. */
  stepped(id: number, count: number, value: string): void;
}

/** The state that other servers have reached in a job before. */
export interface PreviousRuns {
  readonly outcomes: ReadonlyMap<number, OutcomeMessage>;
  /** Number of used retries, by future id. */
  readonly retried: ReadonlyMap<number, number>;
  readonly steps: ReadonlyMap<number, EndedSteps>;
}

export const NO_PREVIOUS_RUN: PreviousRuns = { outcomes: new Map(), retried: new Map(), steps: new Map() };

/** A node that this server runs, or whose outcome is stored. */
class ServedNode {
  future!: Future<any>;
  /**
   * Futures of all steps, for a node whose finished steps are noted. The last one is the future of
   * the node. Undefined for other nodes.
   */
  parts: readonly Future<any>[] | undefined = undefined;
  /** Time of the `started` message, if it was sent. */
  started: number | undefined = undefined;
  /** Run time that the thread measured. The time in the queue of this server does not count. */
  ran: { readonly started: number; readonly ended: number } | undefined = undefined;
  /** Total credit that the reader of a stream has granted. */
  granted = 0;
  /** Number of values that a stream has sent. Undefined for other nodes. */
  emitted: number | undefined = undefined;
}

/** The error of a node that has failed. */
export interface Failed {
  readonly failure: unknown;
}

export class ServedTree {
  readonly data: ServedTreeData;
  readonly #server: TreeHost;
  readonly #args: readonly unknown[];
  readonly #nodes: ServedNode[] = [];
  /** Other clients that have attached, by future id. */
  #watchers: Map<number, Set<string>> | undefined;
  #failed: Failed | undefined;
  /** True if another server may run the job now. */
  #isLost = false;
  #open: number;
  #ended!: (failed: Failed | undefined) => void;

  constructor(data: ServedTreeData, args: readonly unknown[], server: TreeHost) {
    this.data = data;
    this.#args = args;
    this.#server = server;
    this.#open = data.nodes.length;
  }

  /** Total run time of the tree's tasks in ms. */
  get runTime(): number {
    let ms = 0;
    for (const { ran } of this.#nodes) if (ran !== undefined) ms += ran.ended - ran.started;
    return ms;
  }

  get hasStream(): boolean {
    return this.data.nodes.some(({ credit }) => credit !== undefined);
  }

  /**
   * Starts the nodes that have no stored outcome from another server. All nodes are built in one
   * tick, so that the local scheduler also treats them as one tree.
   *
   * Calls `ended` when each node has settled and the outbox has its outcome. The argument is the
   * error of a failed node, if any has failed.
   */
  run(before: PreviousRuns, ended: (failed: Failed | undefined) => void): void {
    const { nodes } = this.data;
    const { outcomes } = before;
    if (this.#isLost) {
      ended(undefined);
      return;
    }
    this.#ended = ended;
    for (const [index, node] of nodes.entries()) {
      const outcome = outcomes.get(node.id);
      // A value that could not leave the other server is missing here. Its task must run again.
      if (outcome === undefined || isNeededAgain(nodes, index, outcomes)) this.#start(index, node, before);
      else this.#restore(index, outcome);
    }
  }

  handle(message: ToServer): void {
    const index = this.data.nodes.findIndex(({ id }) => id === message.id);
    const node = this.#nodes[index];
    if (node === undefined) return;
    const { future } = node;
    switch (message.type) {
      case 'cancel':
        if (message.attempt === this.data.nodes[index]!.attempt)
          cancel(node, decodeError(fromText(message.reason) as WireError));
        break;
      case 'credit': {
        const run = future._producer as TaskRun;
        const more = message.count - node.granted;
        if (!future.isSettled && run.phase === SENT && more > 0) {
          node.granted = message.count;
          run.worker?.grant(run, more);
          this.#server.concurrency.granted(message.id, more);
        }
        break;
      }
      case 'watch': {
        this.#watchers ??= new Map();
        const watchers = this.#watchers.get(message.id) ?? new Set();
        this.#watchers.set(message.id, watchers.add(message.client));
        if (node.started !== undefined)
          this.#publish(message.id, { type: 'started', id: message.id, at: node.started });
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
    if (this.#isLost || !this.#isRunAgain) return;
    this.#isLost = true;
    for (const node of this.#nodes) cancel(node, 'the server was declared lost, and its job runs again elsewhere');
  }

  get #isRunAgain(): boolean {
    return this.data.lease.isRerun || this.data.nodes.some(({ retry }) => retry !== undefined);
  }

  /** Cancels the streams of the tree, because their reader is gone and grants no more credit. */
  abandonStreams(): void {
    for (const [index, { credit }] of this.data.nodes.entries()) {
      if (credit !== undefined) this.#nodes[index]!.future.cancel('the reader of the stream is gone');
    }
  }

  #start(index: number, node: NodeData, before: PreviousRuns): void {
    const { id, name, from, steps: names, attempt, credit, timeout } = node;
    const { engine } = this.#server;
    const { lease } = this.data;
    const retry = node.retry && { ...node.retry, count: Math.max(0, node.retry.count - (before.retried.get(id) ?? 0)) };
    const steps = names.map((step) => this.#server.step(step));
    if (credit !== undefined) steps.push(streamStep(credit));
    const options = { ...(timeout !== undefined && { timeout }), ...(retry !== undefined && { retry }) };
    const task: TaskInfo = { engine, steps, name, options, id, attempt };
    const enter = (first: TaskInfo) =>
      from === -1 ? engine.run(first, this.#args) : engine.chain(first, this.#nodes[from]!.future);
    const served = new ServedNode();
    const future = isOfParts(node, lease)
      ? this.#startParts(id, served, task, enter, before.steps.get(id))
      : this.#listen(id, served, enter(task));
    served.future = future;
    this.#nodes[index] = served;
    if (retry !== undefined) (future._producer as TaskRun).rare.retrying = () => lease.retrying(id);
    if (from === -1) this.#publishStarted(index);
    if (credit !== undefined) this.#forwardStream(served, id, credit);
    // Marks the future as observed (G10): its client is responsible for handling a rejection.
    whenSettled(future, { react: () => this.#settled(index, future) });
  }

  /**
   * Starts each step as a run of its own, so that its value arrives here and can be noted. The
   * scheduler still sends the runs together.
   */
  #startParts(
    id: number,
    served: ServedNode,
    task: TaskInfo,
    enter: (first: TaskInfo) => Future<any>,
    ended: EndedSteps | undefined,
  ): Future<any> {
    const { engine, steps } = task;
    const read = ended !== undefined && ended.count < steps.length ? readText(ended.value) : undefined;
    const done = read === undefined ? 0 : ended!.count;
    const parts: Future<any>[] = [];
    for (const [i, step] of steps.entries()) {
      if (i < done) continue;
      const part = { ...task, steps: [step] };
      const last = parts.at(-1);
      const next =
        last !== undefined
          ? engine.chain(part, last)
          : read !== undefined
            ? engine.run(part, [read.value])
            : enter(part);
      parts.push(this.#listen(id, served, next));
      if (i + 1 < steps.length) whenSettled(next, { react: () => this.#noteStep(id, next, i + 1) });
    }
    served.parts = parts;
    return parts.at(-1)!;
  }

  #noteStep(id: number, part: Future<any>, count: number): void {
    part._observe();
    if (part._state !== FULFILLED || this.#isLost) return;
    if (!this.data.lease.isHeld) {
      this.lose();
      return;
    }
    try {
      this.data.lease.stepped(id, count, this.#textOf(part._value(), 'value'));
    } catch {
      // A value that can't be sent is not noted. The previous steps then run again.
    }
  }

  #listen(id: number, served: ServedNode, future: Future<any>): Future<any> {
    const { rare } = future._producer as TaskRun;
    rare.ran = (started, ended) => {
      served.ran = { started: served.ran?.started ?? started, ended };
    };
    rare.relay = (value) => {
      const text = this.#encode(future, value, 'progress');
      if (text !== undefined) this.#publish(id, { type: 'progress', id, value: text });
    };
    return future;
  }

  /**
   * Restores a node that settled on a server that was lost later. Dependent nodes continue from it.
   */
  #restore(index: number, end: OutcomeMessage): void {
    const { kind } = end;
    const value = payloadOf(end)?.value;
    const before = new Deferred<unknown>();
    if (kind === FULFILLED_REPORT) before.resolve(value);
    else if (kind === CANCELLED_REPORT) before.cancel(decodeError(value as WireError));
    else {
      const reason = decodeError(value as WireError);
      if (kind === REJECTED_REPORT) this.#failed ??= { failure: reason };
      before.reject(reason);
    }
    before.future._observe();
    const served = new ServedNode();
    served.future = before.future;
    this.#nodes[index] = served;
    this.#close();
  }

  #forwardStream(served: ServedNode, id: number, credit: number): void {
    const { concurrency } = this.#server;
    const { future } = served;
    concurrency.opened(id, credit);
    served.emitted = 0;
    (future._producer as TaskRun).rare.feed = {
      get hasEmitted() {
        return served.emitted! > 0;
      },
      streamed: (values) => {
        const first = served.emitted!;
        concurrency.emitted(id, values.length);
        const text = this.#encode(future, values, 'value');
        if (text === undefined) return;
        served.emitted = first + values.length;
        this.#publish(id, { type: 'items', id, first, values: text });
      },
    };
  }

  /** Serializes a value of a running task. If that fails, the task is cancelled and rejected. */
  #encode(future: Future<any>, value: unknown, name: string): string | undefined {
    if (future.isSettled) return undefined;
    try {
      return this.#textOf(value, name);
    } catch (error) {
      const run = future._producer as TaskRun;
      run.owner.cancelJob(run, error);
      reject(future, error);
      return undefined;
    }
  }

  /** @throws SerializationError if the value can't be serialized, or exceeds maxPayload */
  #textOf(value: unknown, name: string): string {
    const text = textOf(value, name);
    const { maxPayload } = this.#server;
    const bytes = bytesIn(text);
    if (bytes > maxPayload) throw tooLarge(`The ${name} takes`, bytes, maxPayload, name);
    return text;
  }

  #settled(index: number, future: Future<any>): void {
    future._observe();
    this.#server.concurrency.ended(this.data.nodes[index]!.id);
    if (this.#isRunAgain && !this.data.lease.isHeld) this.lose();
    if (!this.#isLost) this.#publishOutcome(index, future);
    this.#close();
  }

  #publishOutcome(index: number, future: Future<any>): void {
    const { id, attempt } = this.data.nodes[index]!;
    const { ran, started, emitted } = this.#nodes[index]!;
    const at = ran === undefined ? now() : 0;
    const { kind, payload } = this.#outcomeOf(index, future);
    const end: OutcomeMessage = {
      type: 'settled',
      id,
      attempt,
      items: emitted,
      started: ran?.started ?? started ?? at,
      ended: ran?.ended ?? at,
      kind,
      payload,
      skipped: this.#isSkipped(index, future) || undefined,
    };
    const { client, keep, isOneOfMany } = this.data;
    const watchers = this.#watchers?.get(id);
    const clients = watchers === undefined ? [client] : [client, ...watchers];
    this.#server.outbox.publishOutcome(end, keep, clients, index > 0 || attempt > 1 || isOneOfMany, isOneOfMany);
    if (future._state === FULFILLED) {
      for (const [next, { from }] of this.data.nodes.entries()) if (from === index) this.#publishStarted(next);
    }
  }

  /**
   * True if the node never ran because its upstream node failed. The client may run the upstream
   * task again, and this one with it.
   */
  #isSkipped(index: number, future: Future<any>): boolean {
    const before = this.#nodes[this.data.nodes[index]!.from]?.future;
    return future._state === REJECTED && before?._state === REJECTED && before._result === future._result;
  }

  #outcomeOf(index: number, future: Future<any>): { kind: number; payload: string } {
    const reason: unknown = future._result;
    if (future._state === REJECTED) {
      this.#failed ??= { failure: reason };
      // The thread could not send the value, but has passed it to the next step.
      const { resultUnsendable } = (future._producer as TaskRun).rare;
      return { kind: resultUnsendable ? UNCLONABLE_REPORT : REJECTED_REPORT, payload: errorText(reason) };
    }
    if (future._state !== FULFILLED) {
      return { kind: CANCELLED_REPORT, payload: errorText((reason as Error).cause ?? reason) };
    }
    try {
      return { kind: FULFILLED_REPORT, payload: this.#textOf(future._value(), 'result') };
    } catch (error) {
      // The task succeeded, and dependent nodes continue. Only its value can't be sent.
      const isUpstream = this.data.nodes.some(({ from }) => from === index);
      const kind = isUpstream ? UNCLONABLE_REPORT : REJECTED_REPORT;
      this.#failed ??= { failure: error };
      return { kind, payload: errorText(error) };
    }
  }

  #publishStarted(index: number): void {
    const { id } = this.data.nodes[index]!;
    const at = now();
    this.#nodes[index]!.started = at;
    this.#publish(id, { type: 'started', id, at });
  }

  #publish(id: number, message: Parameters<Outbox['publish']>[2]): void {
    if (this.#isLost) return;
    const { client, keep } = this.data;
    this.#server.outbox.publish(client, keep, message);
    for (const watcher of this.#watchers?.get(id) ?? []) this.#server.outbox.publish(watcher, keep, message);
  }

  #close(): void {
    if (--this.#open === 0) this.#ended(this.#failed);
  }
}

/** Cancels a node with all its steps. The steps would continue, because their values are used. */
function cancel({ future, parts }: ServedNode, reason: unknown): void {
  future.cancel(reason);
  for (const part of parts ?? []) part.cancel(reason);
}

/**
 * Returns true if each step of a node is a run of its own. Steps that share a timeout or retries
 * are one run. A stream is one run, because it never runs again.
 */
function isOfParts({ steps, credit, timeout, retry }: NodeData, { isRerun }: Lease): boolean {
  return isRerun && steps.length > 1 && credit === undefined && timeout === undefined && retry === undefined;
}

/** @throws SerializationError that names the part that can't be serialized */
function textOf(value: unknown, name: string): string {
  try {
    return toText(value);
  } catch (cause) {
    const fault = cloneFault(value, name);
    throw unclonable(fault ?? { path: name, what: `can't leave its process (${messageOf(cause)})` }, cause);
  }
}
