/** The plans in a batch, as data of jobs. */
import { SerializationError } from '../errors.js';
import { cloneFault, messageOf } from '../protocol/clone-fault.js';
import { afterLeg, type FunctionDefinition, LEG_CELLS, type Plans } from '../protocol/messages.js';
import { unclonable } from '../protocol/wire-error.js';
import { ATTACH } from '../scheduling/job.js';
import { type LegData, type PlanData, tooLarge } from './plan.js';
import { bytesIn, toText } from './value-text.js';

/** One plan of a batch; `slots` are those of its legs, in their order. */
export interface Outgoing {
  readonly slots: readonly number[];
  readonly legs: readonly LegData[];
  readonly priority: number;
  readonly args: readonly unknown[];
  /** It joins a future that was submitted before. */
  readonly isAttached: boolean;
}

/** Of all functions that were ever told: they are told once. */
export type Names = Map<number, string>;

export function learn(names: Names, functions: readonly FunctionDefinition[] = []): void {
  for (const { key, name } of functions) names.set(key, name);
}

export function* readPlans({ cells, args, options = [] }: Plans, names: Names): Iterable<Outgoing> {
  let leg = 0;
  let argument = 0;
  for (let at = 0; at < cells.length; ) {
    const slots: number[] = [];
    const legs: LegData[] = [];
    const argc = cells[at + 4]!;
    const priority = options[leg]!.priority;
    let isAttached = false;
    do {
      const next = afterLeg(cells, at);
      const keys = Array.from(cells.slice(at + LEG_CELLS, next));
      const credit = -Math.min(0, keys[keys.length - 1]!);
      if (credit > 0) keys.pop();
      if (keys[0] === ATTACH.key) isAttached = true;
      const { name, timeout, retry } = options[leg++]!;
      slots.push(cells[at]! | 0);
      legs.push({
        id: cells[at + 2]!,
        name,
        from: cells[at + 1]!,
        steps: keys.map((key) => names.get(key) ?? ''),
        attempt: cells[at + 3]!,
        ...(credit > 0 && { credit }),
        // JSON has no Infinity.
        ...(timeout !== undefined && timeout !== Number.POSITIVE_INFINITY && { timeout }),
        ...(retry !== undefined && { retry: { ...retry, count: Math.min(retry.count, Number.MAX_SAFE_INTEGER) } }),
      });
      at = next;
    } while (at < cells.length && cells[at + 1] !== -1);
    yield { slots, legs, priority, args: args.slice(argument, argument + argc), isAttached };
    argument += argc;
  }
}

/** @throws SerializationError where the arguments have no form in bytes, or too many of them */
export function planData({ legs, args }: Outgoing, maxPayload: number): PlanData {
  let text: string;
  try {
    text = toText(args);
  } catch (cause) {
    throw unsendable(args, cause);
  }
  const bytes = bytesIn(text);
  if (bytes > maxPayload) throw tooLarge('the arguments take', bytes, maxPayload, 'arguments');
  return { legs, args: text };
}

function unsendable(args: readonly unknown[], cause: unknown): SerializationError {
  for (const [i, arg] of args.entries()) {
    const fault = cloneFault(arg, `arguments[${i}]`);
    if (fault !== undefined) return unclonable(fault, cause);
  }
  return new SerializationError(
    `arguments can't be sent to another machine: ${messageOf(cause)}. Shared memory, ports and handles stay in a process; send plain data in their place.`,
    { path: 'arguments', cause },
  );
}
