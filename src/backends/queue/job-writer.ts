/** Converts a batch of the scheduler into the data of jobs on the queue. */
import { wallClock } from '#platform/time';
import { SerializationError } from '../../errors.js';
import { cloneFault, messageOf, unclonable } from '../../protocol/clone-fault.js';
import {
  argcOf,
  attemptOf,
  endOfKeys,
  firstKeyOf,
  highWaterMarkOf,
  idOf,
  isStream,
  nextJob,
  nextTree,
  slotOf,
  upstreamOf,
} from '../../protocol/job-layout.js';
import type { FunctionDefinition, JobBatch } from '../../protocol/messages.js';
import { type NodeData, type TreeData, tooLarge } from '../../protocol/queue/job-data.js';
import { plainCopy, plainExcess } from '../../protocol/queue/plain-json.js';
import { bytesIn, toText } from '../../protocol/queue/value-text.js';

/** One job tree of a batch. `slots[i]` is the slot of `nodes[i]`. */
export interface Outgoing {
  readonly slots: readonly number[];
  readonly nodes: readonly NodeData[];
  readonly priority: number;
  readonly args: readonly unknown[];
  /** Contexts of the nodes. Undefined if no node has one. */
  readonly contexts?: readonly unknown[] | undefined;
}

/** Names of all functions by their keys. The scheduler defines each function only once. */
export type Names = Map<number, string>;

export function learn(names: Names, functions: readonly FunctionDefinition[] = []): void {
  for (const { key, name } of functions) names.set(key, name);
}

export function* readTrees({ cells, args, contexts, options = [] }: JobBatch, names: Names): Iterable<Outgoing> {
  let node = 0;
  let argument = 0;
  for (let at = 0; at < cells.length; ) {
    const slots: number[] = [];
    const nodes: NodeData[] = [];
    const first = node;
    const argc = argcOf(cells, at);
    const priority = options[node]!.priority;
    for (const end = nextTree(cells, at); at < end; at = nextJob(cells, at)) {
      const keys = Array.from(cells.slice(firstKeyOf(at), endOfKeys(cells, at)));
      const mark = isStream(cells, at) ? highWaterMarkOf(cells, at) : undefined;
      const { name, timeout, terminateAfter, deadline, retry } = options[node++]!;
      slots.push(slotOf(cells, at) | 0);
      nodes.push({
        id: idOf(cells, at),
        name,
        from: upstreamOf(cells, at),
        steps: keys.map((key) => names.get(key) ?? ''),
        attempt: attemptOf(cells, at),
        ...(mark !== undefined && { credit: mark.values }),
        // A stream without a limit of bytes leaves the limit out, because JSON has no Infinity.
        ...(mark !== undefined && mark.bytes !== Number.POSITIVE_INFINITY && { creditBytes: mark.bytes }),
        ...(timeout !== undefined && timeout !== Number.POSITIVE_INFINITY && { timeout }),
        ...(deadline !== undefined && { deadline: deadline.ms }),
        ...(deadline?.left !== undefined && { expires: wallClock() + deadline.left }),
        // JSON has no Infinity. The largest safe integer shows the server that the option is set.
        ...(terminateAfter !== undefined && { terminateAfter: Math.min(terminateAfter, Number.MAX_SAFE_INTEGER) }),
        ...(retry !== undefined && { retry: { ...retry, count: Math.min(retry.count, Number.MAX_SAFE_INTEGER) } }),
      });
    }
    const own = contexts?.slice(first, node);
    const hasContext = own?.some((context) => context !== undefined) === true;
    yield {
      slots,
      nodes,
      priority,
      args: args.slice(argument, argument + argc),
      contexts: hasContext ? own : undefined,
    };
    argument += argc;
  }
}

/**
 * @throws SerializationError if the arguments or a context can't be serialized, or exceed
 *   `maxPayload`
 */
export function treeData({ nodes, args, contexts }: Outgoing, maxPayload: number): TreeData {
  const sent = argsOf(args, maxPayload);
  if (contexts === undefined) return { nodes, args: sent };
  return { nodes, args: sent, contexts: textOf(contexts, 'The contexts', 'context', maxPayload) };
}

/** Returns the arguments as plain JSON if JSON restores them exactly, and otherwise as text. */
function argsOf(args: readonly unknown[], maxPayload: number): TreeData['args'] {
  let plain: readonly unknown[] | undefined;
  try {
    plain = plainCopy(args);
  } catch (cause) {
    throw unsendable(args, 'The arguments', 'arguments', cause);
  }
  if (plain === undefined) return textOf(args, 'The arguments', 'arguments', maxPayload);
  const excess = plainExcess(plain, maxPayload);
  if (excess !== undefined) throw tooLarge('The arguments take', excess, maxPayload, 'arguments');
  return plain;
}

/** `what` starts the messages of errors, and `path` is the name of the values in them. */
function textOf(values: readonly unknown[], what: string, path: string, maxPayload: number): string {
  let text: string;
  try {
    text = toText(values);
  } catch (cause) {
    throw unsendable(values, what, path, cause);
  }
  const bytes = bytesIn(text);
  if (bytes > maxPayload) throw tooLarge(`${what} take`, bytes, maxPayload, path);
  return text;
}

function unsendable(values: readonly unknown[], what: string, path: string, cause: unknown): Error {
  for (const [i, value] of values.entries()) {
    const fault = cloneFault(value, path === 'context' ? path : `${path}[${i}]`);
    if (fault !== undefined) return unclonable(fault, cause);
  }
  return new SerializationError(
    `${what} can't be sent to another process: ${messageOf(cause)}. Shared memory, ports and handles can't leave their process. Send plain data instead.`,
    { path, cause },
  );
}
