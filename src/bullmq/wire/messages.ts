/**
 * What clients and workers tell each other beside the jobs: words in Redis streams, many in one entry, as JSON.
 *
 * Not as v8's bytes: each of its serializers is an object with a finalizer, and one for every word made the short collections of a machine
 * a third longer (1.6 → 2.1 ms, 2026-11). Only values, which JSON can't carry, are such bytes, each serialized once.
 */

import { wallClock } from '../../platform/time.js';
import { CANCELLED, FULFILLED, REJECTED, UNCLONABLE } from '../../protocol/messages.js';
import type { WireError } from '../../protocol/wire-error.js';
import { LONGEST_CLIENT } from './job-data.js';
import { isId, isInteger, isRecord } from './untrusted.js';
import { readText } from './value-text.js';

// ── worker → client, in the client's inbox ──────────────────────────────────────────────────────────────────────────

export type ToClient =
  | { readonly type: 'started'; readonly id: number; readonly at: number }
  | End
  | { readonly type: 'progress'; readonly id: number; readonly value: string }
  /** `first` counts the values before: a word that came twice, after a lost connection, is known by it. */
  | { readonly type: 'items'; readonly id: number; readonly first: number; readonly values: string };

/** How a future has ended. It is told, and kept for those who ask later. */
export interface End {
  readonly type: 'ended';
  readonly id: number;
  /** As in protocol/messages.ts: fulfilled, rejected, unclonable, cancelled. */
  readonly kind: number;
  /** Of its task: a client may have run it again since. */
  readonly attempt: number;
  /** It never ran, because the leg that feeds it failed. Whoever has both futures settles it with the failure of the other one. */
  readonly skipped?: true | undefined;
  /** Of a stream: how many values it has given. They come before the end, except where the end was looked up. */
  readonly items?: number | undefined;
  /** ms since the epoch, by the worker's clock; equal where it never began. */
  readonly started: number;
  readonly ended: number;
  /** A value, or a {@link WireError}, as text. Undefined in a word: too large to be told, it is to be fetched. */
  readonly payload?: string;
}

const errorKinds = new Set([REJECTED, CANCELLED, UNCLONABLE]);

/** What an end brings. Undefined where it makes no sense, since anybody may write to Redis, and where its payload is elsewhere. */
export function payloadOf({ kind, payload }: End): { readonly value: unknown } | undefined {
  const read = payload === undefined ? undefined : readText(payload);
  return read !== undefined && (kind === FULFILLED || (errorKinds.has(kind) && isWireError(read.value)))
    ? read
    : undefined;
}

/** The end of a future that is told by somebody who hasn't run it. */
export function endNow(id: number, attempt: number, kind: number, payload: string): End {
  const at = wallClock();
  return { type: 'ended', id, attempt, kind, started: at, ended: at, payload };
}

// ── client → workers, in the queue's orders ─────────────────────────────────────────────────────────────────────────

export type ToServer =
  /** `reason` is a {@link WireError}, as text. */
  | { readonly type: 'stop'; readonly id: number; readonly attempt: number; readonly reason: string }
  /** `count` is all that was ever given: an order that comes twice, after a lost connection, gives nothing. */
  | { readonly type: 'credit'; readonly id: number; readonly count: number }
  /** Tell this client too. */
  | { readonly type: 'watch'; readonly id: number; readonly client: string };

export function encodeMessages(messages: readonly (ToClient | ToServer)[]): string {
  return joinMessages(messages.map(encodeMessage));
}

export function encodeMessage(message: ToClient | ToServer): string {
  return JSON.stringify(message);
}

/** Of words that are encoded already. */
export function joinMessages(messages: readonly string[]): string {
  return `[${messages.join()}]`;
}

/** Empty for what is none: anybody may write to a stream. */
export function decodeMessages<T extends ToClient | ToServer>(text: string): T[] {
  try {
    const messages: unknown = JSON.parse(text);
    return Array.isArray(messages) ? messages.filter(isMessage<T>) : [];
  } catch {
    return [];
  }
}

function isMessage<T>(message: unknown): message is T {
  if (!isRecord(message) || !isId(message.id)) return false;
  const { type } = message;
  return typeof type === 'string' && Object.hasOwn(shapes, type) && shapes[type as keyof typeof shapes](message);
}

type Shape = (message: Record<string, unknown>) => boolean;

const shapes: Readonly<Record<(ToClient | ToServer)['type'], Shape>> = {
  started: ({ at }) => Number.isFinite(at),
  ended: ({ kind, attempt, skipped, items, started, ended, payload }) =>
    Number.isSafeInteger(kind) &&
    isInteger(attempt, 1) &&
    (skipped === undefined || skipped === true) &&
    (items === undefined || isInteger(items, 0)) &&
    Number.isFinite(started) &&
    Number.isFinite(ended) &&
    (payload === undefined || typeof payload === 'string'),
  progress: ({ value }) => typeof value === 'string',
  items: ({ first, values }) => isInteger(first, 0) && typeof values === 'string',
  stop: ({ attempt, reason }) =>
    isInteger(attempt, 1) && typeof reason === 'string' && isWireError(readText(reason)?.value),
  credit: ({ count }) => isInteger(count, 1),
  watch: ({ client }) => typeof client === 'string' && client.length <= LONGEST_CLIENT,
};

/** Errors in one: encodeError cuts what is more. The same one may be there many times, and each has to be looked at. */
const MOST = 1_000;

/** Of any size that an error of ours has. */
export function isWireError(wire: unknown, seen = { count: 0 }): wire is WireError {
  if (!isRecord(wire) || ++seen.count > MOST) return false;
  if (wire.type === 'value') return true;
  const { type, classes, name, message, stack, properties, cause, errors, inner } = wire;
  const isInner = (inner: unknown) => isWireError(inner, seen);
  return (
    type === 'error' &&
    Array.isArray(classes) &&
    classes.every((each) => typeof each === 'string') &&
    typeof name === 'string' &&
    typeof message === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    isRecord(properties) &&
    (cause === undefined || isInner(cause)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isInner))) &&
    (inner === undefined || (isRecord(inner) && Object.values(inner).every(isInner)))
  );
}
