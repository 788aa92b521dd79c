/** One job on a worker machine: its plan as futures of the local engine, and word of each to whoever waits for it. */

import type { Engine } from '../../engine/engine.js';
import type { TaskInfo } from '../../engine/handles/task.js';
import type { TaskRun } from '../../engine/run/task-run.js';
import { Deferred } from '../../future/deferred.js';
import type { Future } from '../../future/future.js';
import { reject, whenSettled } from '../../future/settle.js';
import { FULFILLED, REJECTED } from '../../future/state.js';
import { now } from '../../platform/time.js';
import { cloneFault, messageOf } from '../../protocol/clone-fault.js';
import {
  CANCELLED as CANCELLED_REPORT,
  FULFILLED as FULFILLED_REPORT,
  REJECTED as REJECTED_REPORT,
  UNCLONABLE as UNCLONABLE_REPORT,
} from '../../protocol/messages.js';
import { decodeError, unclonable, type WireError } from '../../protocol/wire-error.js';
import { SENT, type Step, streamStep } from '../../scheduling/job.js';
import { type NodeData, type TreeData, tooLarge } from '../wire/job-data.js';
import { type EndedSteps, isNeededAgain } from '../wire/lost-jobs.js';
import { type End, payloadOf, type ToServer } from '../wire/messages.js';
import { bytesIn, errorText, fromText, readText, toText } from '../wire/value-text.js';
import type { Concurrency } from './concurrency.js';
import type { Outbox } from './outbox.js';

/** What a machine has one of for all its jobs. */
interface ServedJobs {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly concurrency: Concurrency;
  readonly maxPayload: number;
  step(name: string): Step;
}

/** A plan, and what its job says of it. */
export interface ServedTreeData extends TreeData {
  readonly client: string;
  readonly keep: number;
  /** Its job has other plans beside it. */
  readonly isOneOfMany: boolean;
  readonly lease: Lease;
}

/** The hold of this machine on the job. */
export interface Lease {
  /** False if the lock has expired, so that another machine may have the job. */
  readonly isHeld: boolean;
  /** A lost job is run again: how far its steps have come is noted, and a machine that is taken for lost stops them. */
  readonly isRerun: boolean;
  /** A future takes one of its retries. */
  retrying(id: number): void;
  /** So many steps of a future have ended, the last of them with this value. */
  stepped(id: number, count: number, value: string): void;
}

/** What other machines have done of a job before. */
export interface Before {
  readonly ends: ReadonlyMap<number, End>;
  /** Retries that are used up, by the ids of futures. */
  readonly retried: ReadonlyMap<number, number>;
  readonly steps: ReadonlyMap<number, EndedSteps>;
}

export const NOTHING: Before = { ends: new Map(), retried: new Map(), steps: new Map() };

/** A leg that this machine runs, or has the end of. */
class ServedNode {
  future!: Future<any>;
  /** Of a leg whose steps are noted as they end: the futures of all of them. The last is that of the leg. */
  parts: readonly Future<any>[] | undefined = undefined;
  /** Its client was told then that it has begun. */
  started: number | undefined = undefined;
  /** As its thread says: without the time in the queue here. */
  ran: { readonly started: number; readonly ended: number } | undefined = undefined;
  /** Of a stream: what its reader has asked for so far. */
  granted = 0;
  /** Of a stream: how many values were told. */
  given: number | undefined = undefined;
}

/** The error of a leg that has failed. */
export interface Failed {
  readonly failure: unknown;
}

export class ServedTree {
  readonly data: ServedTreeData;
  readonly #server: ServedJobs;
  readonly #args: readonly unknown[];
  readonly #nodes: ServedNode[] = [];
  /** Clients that have asked for a future of somebody else's. */
  #watchers: Map<number, Set<string>> | undefined;
  #failed: Failed | undefined;
  /** Another machine may run it by now. */
  #isLost = false;
  #open: number;
  #ended!: (failed: Failed | undefined) => void;

  constructor(data: ServedTreeData, args: readonly unknown[], server: ServedJobs) {
    this.data = data;
    this.#args = args;
    this.#server = server;
    this.#open = data.nodes.length;
  }

  /** ms for which its tasks have run. */
  get took(): number {
    let ms = 0;
    for (const { ran } of this.#nodes) if (ran !== undefined) ms += ran.ended - ran.started;
    return ms;
  }

  get hasStream(): boolean {
    return this.data.nodes.some(({ credit }) => credit !== undefined);
  }

  /**
   * Begins what has not ended on another machine before, which is in `ends`. Built in one tick, so all of it is one plan here too.
   *
   * Calls `ended` when every leg has ended, and the outbox has word of it: with the error of one that has failed, if any has.
   */
  run(before: Before, ended: (failed: Failed | undefined) => void): void {
    const { nodes } = this.data;
    const { ends } = before;
    if (this.#isLost) {
      ended(undefined);
      return;
    }
    this.#ended = ended;
    for (const [index, node] of nodes.entries()) {
      const end = ends.get(node.id);
      // A value that could not leave that machine is not here: it has to be made again.
      if (end === undefined || isNeededAgain(nodes, index, ends)) this.#start(index, node, before);
      else this.#resume(index, end);
    }
  }

  follow(message: ToServer): void {
    const index = this.data.nodes.findIndex(({ id }) => id === message.id);
    const node = this.#nodes[index];
    if (node === undefined) return;
    const { future } = node;
    switch (message.type) {
      case 'stop':
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
        if (node.started !== undefined) this.#say(message.id, { type: 'started', id: message.id, at: node.started });
        break;
      }
      default:
        message satisfies never;
    }
  }

  /** The lock of its job is gone. If another machine runs it again, no further step begins here, and no end is told. */
  lose(): void {
    if (this.#isLost || !this.#isRunAgain) return;
    this.#isLost = true;
    for (const node of this.#nodes) cancel(node, 'this machine was taken for lost, and its job runs again');
  }

  get #isRunAgain(): boolean {
    return this.data.lease.isRerun || this.data.nodes.some(({ retry }) => retry !== undefined);
  }

  /** Its reader has gone: nobody will give it credit any more. */
  abandonStreams(): void {
    for (const [index, { credit }] of this.data.nodes.entries()) {
      if (credit !== undefined) this.#nodes[index]!.future.cancel('its reader has gone');
    }
  }

  #start(index: number, node: NodeData, before: Before): void {
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
    if (credit !== undefined) this.#forward(served, id, credit);
    // Looked at, in the sense of G10: it is the client's to look at.
    whenSettled(future, { react: () => this.#settled(index, future) });
  }

  /** Each step is a run of its own, so that its value comes here and is noted. They travel together all the same. */
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
      // A value that can't leave is not noted: the steps before it run again.
    }
  }

  #listen(id: number, served: ServedNode, future: Future<any>): Future<any> {
    const { rare } = future._producer as TaskRun;
    rare.ran = (started, ended) => {
      served.ran = { started: served.ran?.started ?? started, ended };
    };
    rare.relay = (value) => {
      const text = this.#leaving(future, value, 'progress');
      if (text !== undefined) this.#say(id, { type: 'progress', id, value: text });
    };
    return future;
  }

  /** It ended on a machine that was lost later: what comes after it goes on from there. */
  #resume(index: number, end: End): void {
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

  #forward(served: ServedNode, id: number, credit: number): void {
    const { concurrency } = this.#server;
    const { future } = served;
    concurrency.opened(id, credit);
    served.given = 0;
    (future._producer as TaskRun).rare.feed = {
      get hasEmitted() {
        return served.given! > 0;
      },
      streamed: (values) => {
        const first = served.given!;
        concurrency.gave(id, values.length);
        const text = this.#leaving(future, values, 'value');
        if (text === undefined) return;
        served.given = first + values.length;
        this.#say(id, { type: 'items', id, first, values: text });
      },
    };
  }

  /** What a task gives while it runs. Where it can't leave, the task is stopped, and fails with that. */
  #leaving(future: Future<any>, value: unknown, name: string): string | undefined {
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

  /** @throws SerializationError for what has no form in bytes, or too many */
  #textOf(value: unknown, name: string): string {
    const text = textOf(value, name);
    const { maxPayload } = this.#server;
    const bytes = bytesIn(text);
    if (bytes > maxPayload) throw tooLarge(`the ${name} takes`, bytes, maxPayload, name);
    return text;
  }

  #settled(index: number, future: Future<any>): void {
    future._observe();
    this.#server.concurrency.ended(this.data.nodes[index]!.id);
    if (this.#isRunAgain && !this.data.lease.isHeld) this.lose();
    if (!this.#isLost) this.#publishEnd(index, future);
    this.#close();
  }

  #publishEnd(index: number, future: Future<any>): void {
    const { id, attempt } = this.data.nodes[index]!;
    const { ran, started, given } = this.#nodes[index]!;
    const at = ran === undefined ? now() : 0;
    const { kind, payload } = this.#howItEnded(index, future);
    const end: End = {
      type: 'ended',
      id,
      attempt,
      items: given,
      started: ran?.started ?? started ?? at,
      ended: ran?.ended ?? at,
      kind,
      payload,
      skipped: this.#isSkipped(index, future) || undefined,
    };
    const { client, keep, isOneOfMany } = this.data;
    const watchers = this.#watchers?.get(id);
    const clients = watchers === undefined ? [client] : [client, ...watchers];
    this.#server.outbox.end(end, keep, clients, index > 0 || attempt > 1 || isOneOfMany, isOneOfMany);
    if (future._state === FULFILLED) {
      for (const [next, { from }] of this.data.nodes.entries()) if (from === index) this.#publishStarted(next);
    }
  }

  /** A failure skips the legs behind it. Their client may run the failed leg again, and these with it. */
  #isSkipped(index: number, future: Future<any>): boolean {
    const before = this.#nodes[this.data.nodes[index]!.from]?.future;
    return future._state === REJECTED && before?._state === REJECTED && before._result === future._result;
  }

  #howItEnded(index: number, future: Future<any>): { kind: number; payload: string } {
    const reason: unknown = future._result;
    if (future._state === REJECTED) {
      this.#failed ??= { failure: reason };
      // Its thread could not send the value, and has fed it to the next step.
      const { resultUnsendable } = (future._producer as TaskRun).rare;
      return { kind: resultUnsendable ? UNCLONABLE_REPORT : REJECTED_REPORT, payload: errorText(reason) };
    }
    if (future._state !== FULFILLED) {
      return { kind: CANCELLED_REPORT, payload: errorText((reason as Error).cause ?? reason) };
    }
    try {
      return { kind: FULFILLED_REPORT, payload: this.#textOf(future._value(), 'result') };
    } catch (error) {
      // It ran well, and what it feeds goes on; only its value can't leave.
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
    this.#say(id, { type: 'started', id, at });
  }

  #say(id: number, message: Parameters<Outbox['say']>[2]): void {
    if (this.#isLost) return;
    const { client, keep } = this.data;
    this.#server.outbox.say(client, keep, message);
    for (const watcher of this.#watchers?.get(id) ?? []) this.#server.outbox.say(watcher, keep, message);
  }

  #close(): void {
    if (--this.#open === 0) this.#ended(this.#failed);
  }
}

/** The parts of a leg too: word of them is sent, so they would go on without it. */
function cancel({ future, parts }: ServedNode, reason: unknown): void {
  future.cancel(reason);
  for (const part of parts ?? []) part.cancel(reason);
}

/** Steps with options of their own are one run; so is a stream, which is never run again. */
function isOfParts({ steps, credit, timeout, retry }: NodeData, { isRerun }: Lease): boolean {
  return isRerun && steps.length > 1 && credit === undefined && timeout === undefined && retry === undefined;
}

/** @throws SerializationError naming what has no form in bytes */
function textOf(value: unknown, name: string): string {
  try {
    return toText(value);
  } catch (cause) {
    const fault = cloneFault(value, name);
    throw unclonable(fault ?? { path: name, what: `has no form outside of its process (${messageOf(cause)})` }, cause);
  }
}
