/**
 * One node of a job tree on a server: a future of a client. Its task runs here, or another server
 * has settled it before.
 */

import { now } from '#platform/time';
import type { ServedOutcome, ServedTask, ServedTaskData, ServedTasks, Tap, Upstream } from '../engine/served-tasks.js';
import { failureHeadline } from '../protocol/queue/headlines.js';
import type { NodeData } from '../protocol/queue/job-data.js';
import type { EndedSteps } from '../protocol/queue/lost-jobs.js';
import type { ToClient } from '../protocol/queue/messages.js';
import type { JobReport } from '../protocol/queue/transport.js';
import { readText } from '../protocol/queue/value-text.js';
import type { Concurrency } from './concurrency.js';
import type { Lease } from './leases.js';

/** The part of a tree that its nodes use. */
export interface NodeHost {
  readonly tasks: ServedTasks;
  readonly concurrency: Concurrency;
  readonly lease: Lease;
  readonly report: JobReport | undefined;
  /** True if another server may run the job now. */
  readonly isLost: boolean;
  /** Called when the lock of the job is lost. */
  lose(): void;
  /** @throws SerializationError if the value can't be sent to a client */
  encode(value: unknown, name: string): string;
  publish(id: number, message: ToClient): void;
  /** Called when the node has its outcome. */
  settled(node: ServedNode): void;
}

export class ServedNode {
  readonly data: NodeData;
  /** Undefined until the node has settled. */
  outcome: ServedOutcome | undefined = undefined;
  /** Time of the `started` message, if it was sent. */
  started: number | undefined = undefined;
  /** Run time that the thread measured. The time in the queue of this server does not count. */
  ran: { readonly started: number; readonly ended: number } | undefined = undefined;
  /** Number of values that a stream has sent. Undefined for other nodes. */
  emitted: number | undefined = undefined;
  readonly #tree: NodeHost;
  readonly #context: unknown;
  /** The runs of the node, in the order of its steps. Empty if another server has settled it. */
  readonly #runs: NodeRun[] = [];
  /** Total credit that the reader of a stream has granted. */
  #granted = 0;

  constructor(data: NodeData, tree: NodeHost, context?: unknown) {
    this.data = data;
    this.#tree = tree;
    this.#context = context;
  }

  /** The source of input for the nodes behind this one. */
  get upstream(): Upstream {
    return this.#runs.at(-1)?.task ?? this.outcome!;
  }

  /** Starts the task. `ended` contains the steps that another server has finished. */
  start(input: readonly unknown[] | Upstream, retried: number, ended: EndedSteps | undefined): void {
    const { id, steps, credit, retry } = this.data;
    const { lease, concurrency } = this.#tree;
    if (isRunByStep(this.data, lease)) {
      this.#startSteps(input, ended);
    } else {
      const rest = retry && { ...retry, count: Math.max(0, retry.count - retried) };
      this.#run({ ...this.data, retry: rest }, input, steps.length);
    }
    if (credit === undefined) return;
    this.emitted = 0;
    concurrency.opened(id, credit);
  }

  /**
   * Starts each step as a run of its own, so that its value arrives here and can be noted. The
   * scheduler still sends the runs together.
   */
  #startSteps(input: readonly unknown[] | Upstream, ended: EndedSteps | undefined): void {
    const { steps } = this.data;
    const read = ended !== undefined && ended.count < steps.length ? readText(ended.value) : undefined;
    let next = read === undefined ? input : [read.value];
    for (let i = read === undefined ? 0 : ended!.count; i < steps.length; i++)
      next = this.#run({ ...this.data, steps: [steps[i]!] }, next, i + 1);
  }

  #run(data: ServedTaskData, input: readonly unknown[] | Upstream, count: number): ServedTask {
    const run = new NodeRun(this, this.#tree, { ...data, context: this.#context }, input, count);
    this.#runs.push(run);
    return run.task;
  }

  publishStarted(): void {
    const { id } = this.data;
    this.started = now();
    this.#tree.publish(id, { type: 'started', id, at: this.started });
  }

  /** Grants a stream more credit, up to `total` since its start. */
  grant(total: number): void {
    const more = total - this.#granted;
    if (more <= 0 || !this.#runs.at(-1)?.task.grant(more)) return;
    this.#granted = total;
    this.#tree.concurrency.granted(this.data.id, more);
  }

  /**
   * Cancels the node with all its steps. A cancel of the last step alone would not stop the steps
   * before it, because their values are noted.
   */
  cancel(reason: unknown): void {
    for (const { task } of this.#runs.toReversed()) task.cancel(reason);
  }

  /** Called when the first `count` steps have ended. */
  ended(count: number, outcome: ServedOutcome): void {
    if (count < this.data.steps.length) {
      if (outcome.status === 'fulfilled') this.#noteStep(count, outcome.value);
      return;
    }
    this.outcome = outcome;
    this.#tree.concurrency.ended(this.data.id);
    this.#tree.settled(this);
  }

  #noteStep(count: number, value: unknown): void {
    const { lease } = this.#tree;
    if (this.#tree.isLost) return;
    if (!lease.isHeld) {
      this.#tree.lose();
      return;
    }
    try {
      lease.stepped(this.data.id, count, this.#tree.encode(value, 'value'));
    } catch {
      // A value that can't be sent is not noted. The previous steps then run again.
    }
  }
}

/**
 * Returns true if each step of a node is a run of its own. Steps that share a timeout, a
 * deadline or retries are one run. A stream is one run, because it never runs again.
 */
function isRunByStep({ steps, credit, timeout, deadline, retry }: NodeData, { isRerun }: Lease): boolean {
  const isOneRun = credit !== undefined || timeout !== undefined || deadline !== undefined || retry !== undefined;
  return isRerun && steps.length > 1 && !isOneRun;
}

/** One run of a node: all of its steps, or one of them. Sends messages while it runs. */
class NodeRun implements Tap {
  readonly task: ServedTask;
  readonly #node: ServedNode;
  readonly #tree: NodeHost;
  /** Number of the node's steps that have ended when this run has ended. */
  readonly #count: number;

  constructor(
    node: ServedNode,
    tree: NodeHost,
    data: ServedTaskData,
    input: readonly unknown[] | Upstream,
    count: number,
  ) {
    this.#node = node;
    this.#tree = tree;
    this.#count = count;
    this.task = tree.tasks.serve(data, input, this);
  }

  ran(started: number, ended: number): void {
    this.#node.ran = { started: this.#node.ran?.started ?? started, ended };
  }

  progressed(value: unknown): void {
    const { id } = this.#node.data;
    const text = this.#encode(value, 'progress');
    if (text === undefined) return;
    this.#tree.publish(id, { type: 'progress', id, value: text });
    this.#tree.report?.progress?.(value);
  }

  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void {
    const { id } = this.#node.data;
    const first = this.#node.emitted!;
    this.#tree.concurrency.emitted(id, values.length, creditLeft);
    const text = this.#encode(values, 'value');
    if (text === undefined) return;
    this.#node.emitted = first + values.length;
    this.#tree.publish(id, { type: 'values', id, first, values: text, bytes, creditLeft });
  }

  retrying(failure: unknown): void {
    const { id, name } = this.#node.data;
    this.#tree.lease.retrying(id);
    this.#tree.report?.log?.(`${name} failed and runs again: ${failureHeadline(failure)}`);
  }

  ended(outcome: ServedOutcome): void {
    this.#node.ended(this.#count, outcome);
  }

  /** Encodes a value of the running task. A value that can't be sent fails the task. */
  #encode(value: unknown, name: string): string | undefined {
    try {
      return this.#tree.encode(value, name);
    } catch (error) {
      this.task.fail(error);
      return undefined;
    }
  }
}
