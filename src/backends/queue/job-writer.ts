/** Converts a batch of the scheduler into the data of jobs on the queue. */
import { SerializationError } from '../../errors.js';
import { cloneFault, messageOf, unclonable } from '../../protocol/clone-fault.js';
import {
  argcOf,
  attemptOf,
  creditOf,
  endOfKeys,
  firstKeyOf,
  idOf,
  nextJob,
  nextTree,
  slotOf,
  upstreamOf,
} from '../../protocol/job-layout.js';
import type { FunctionDefinition, JobBatch } from '../../protocol/messages.js';
import { type NodeData, type TreeData, tooLarge } from '../../protocol/queue/job-data.js';
import { bytesIn, toText } from '../../protocol/queue/value-text.js';

/** One job tree of a batch. `slots[i]` is the slot of `nodes[i]`. */
export interface Outgoing {
  readonly slots: readonly number[];
  readonly nodes: readonly NodeData[];
  readonly priority: number;
  readonly args: readonly unknown[];
}

/** Names of all functions by their keys. The scheduler defines each function only once. */
export type Names = Map<number, string>;

export function learn(names: Names, functions: readonly FunctionDefinition[] = []): void {
  for (const { key, name } of functions) names.set(key, name);
}

export function* readTrees({ cells, args, options = [] }: JobBatch, names: Names): Iterable<Outgoing> {
  let node = 0;
  let argument = 0;
  for (let at = 0; at < cells.length; ) {
    const slots: number[] = [];
    const nodes: NodeData[] = [];
    const argc = argcOf(cells, at);
    const priority = options[node]!.priority;
    for (const end = nextTree(cells, at); at < end; at = nextJob(cells, at)) {
      const keys = Array.from(cells.slice(firstKeyOf(at), endOfKeys(cells, at)));
      const credit = creditOf(cells, at);
      const { name, timeout, retry } = options[node++]!;
      slots.push(slotOf(cells, at) | 0);
      nodes.push({
        id: idOf(cells, at),
        name,
        from: upstreamOf(cells, at),
        steps: keys.map((key) => names.get(key) ?? ''),
        attempt: attemptOf(cells, at),
        ...(credit > 0 && { credit }),
        // JSON can't express Infinity.
        ...(timeout !== undefined && timeout !== Number.POSITIVE_INFINITY && { timeout }),
        ...(retry !== undefined && { retry: { ...retry, count: Math.min(retry.count, Number.MAX_SAFE_INTEGER) } }),
      });
    }
    yield { slots, nodes, priority, args: args.slice(argument, argument + argc) };
    argument += argc;
  }
}

/** @throws SerializationError if the arguments can't be serialized, or exceed `maxPayload` */
export function treeData({ nodes, args }: Outgoing, maxPayload: number): TreeData {
  let text: string;
  try {
    text = toText(args);
  } catch (cause) {
    throw unsendable(args, cause);
  }
  const bytes = bytesIn(text);
  if (bytes > maxPayload) throw tooLarge('The arguments take', bytes, maxPayload, 'arguments');
  return { nodes, args: text };
}

function unsendable(args: readonly unknown[], cause: unknown): SerializationError {
  for (const [i, arg] of args.entries()) {
    const fault = cloneFault(arg, `arguments[${i}]`);
    if (fault !== undefined) return unclonable(fault, cause);
  }
  return new SerializationError(
    `The arguments can't be sent to another process: ${messageOf(cause)}. Shared memory, ports and handles can't leave their process. Send plain data instead.`,
    { path: 'arguments', cause },
  );
}
