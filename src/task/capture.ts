/**
 * Arguments are taken at submit: what the caller does to them afterwards is invisible to the task, however long it waits.
 *
 * The copy is made once, here. Primitives cost nothing. Small plain data is copied by a loop, some ten times faster than
 * structuredClone; everything else goes through structuredClone, which also finds what can't be sent.
 */
import { cloneFault } from '../protocol/clone-fault.js';
import { isTransferred } from '../protocol/transfer.js';
import { unclonable } from '../protocol/wire-error.js';

export interface Captured {
  readonly args: readonly unknown[];
  readonly transfer: readonly unknown[] | undefined;
}

const NOTHING: Captured = { args: [], transfer: undefined };

/** @throws SerializationError naming the argument and the part of it that can't be sent */
export function capture(args: readonly unknown[]): Captured {
  if (args.length === 0) return NOTHING;
  const copies: unknown[] = [];
  let transfer: unknown[] | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (isTransferred(arg)) {
      const moved = structuredClone({ value: arg.value, list: arg.list }, { transfer: [...arg.list] as never });
      copies.push(moved.value);
      transfer ??= [];
      transfer.push(...moved.list);
    } else {
      copies.push(copy(arg, i));
    }
  }
  return { args: copies, transfer };
}

function copy(value: unknown, position: number): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol'))
    return value;
  const plain = copyPlain(value, []);
  if (plain !== NOT_PLAIN) return plain;
  try {
    return structuredClone(value);
  } catch (error) {
    const path = `arguments[${position}]`;
    const fault = cloneFault(value, path);
    throw fault === undefined ? error : unclonable(fault);
  }
}

const NOT_PLAIN = Symbol('not plain');
/** Objects in one argument that are looked through one by one for being the same; with more of them structuredClone is faster. */
const SMALL = 24;

/** A copy of plain objects and arrays, or NOT_PLAIN for anything more: classes, cycles, shared parts, much data. */
function copyPlain(value: unknown, seen: object[]): unknown {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return NOT_PLAIN;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (seen.length >= SMALL || seen.includes(value)) return NOT_PLAIN;
  seen.push(value);
  if (Array.isArray(value)) return copyArray(value, seen);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const part = copyPlain((value as Record<string, unknown>)[key], seen);
    if (part === NOT_PLAIN || key === '__proto__') return NOT_PLAIN;
    result[key] = part;
  }
  return result;
}

function copyArray(value: readonly unknown[], seen: object[]): unknown {
  // Large ones, sparse ones and ones with names beside their indices: structuredClone knows best.
  if (value.length > 1_000 || Object.keys(value).length !== value.length) return NOT_PLAIN;
  const result: unknown[] = [];
  for (const item of value) {
    const part = copyPlain(item, seen);
    if (part === NOT_PLAIN) return NOT_PLAIN;
    result.push(part);
  }
  return result;
}
