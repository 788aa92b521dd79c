/**
 * Messages between clients and servers, apart from the jobs. They travel as JSON, many in one text.
 *
 * The format is not v8.serialize, because each serializer of V8 is an object with a finalizer. One
 * per message made the minor garbage collections of a server a third longer (1.6 → 2.1 ms,
 * 2026-11). Only values, which JSON can't express, are serialized by V8, each once.
 */

import { wallClock } from '#platform/time';
import { REPORT_CANCELLED, REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../messages.js';
import type { WireError } from '../wire-error.js';
import { MAX_CLIENT_LENGTH } from './job-data.js';
import { isId, isInteger, isRecord } from './untrusted.js';
import { readText } from './value-text.js';

// ── server → client, in the client's inbox ───────────────────────────────────────────────────────

export type ToClient =
  | { readonly type: 'started'; readonly id: number; readonly at: number }
  | OutcomeMessage
  | { readonly type: 'progress'; readonly id: number; readonly value: string }
  /**
   * Values of a stream. `first` is the number of values before these. By this number the client
   * recognizes values that arrive a second time after a lost connection. `bytes` and `creditLeft`
   * are described at the message `values` of protocol/messages.ts.
   */
  | {
      readonly type: 'values';
      readonly id: number;
      readonly first: number;
      readonly values: string;
      readonly bytes?: number;
      readonly creditLeft?: number | undefined;
    };

/** The outcome of a future. It is sent to the client, and stored for later `attach` calls. */
export interface OutcomeMessage {
  readonly type: 'settled';
  readonly id: number;
  /**
   * How the task ended: REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE or REPORT_CANCELLED.
   */
  readonly kind: number;
  /**
   * Number of the attempt that has ended. The client ignores the outcome, if it waits for another
   * attempt.
   */
  readonly attempt: number;
  /**
   * True if the task never ran because its upstream job failed. A client that has both futures
   * settles this one with the failure of the upstream future.
   */
  readonly skipped?: true | undefined;
  /**
   * Number of values that a stream has emitted. They arrive before the outcome, unless the outcome
   * was looked up.
   */
  readonly emitted?: number | undefined;
  /** ms since the epoch, by the server's clock. Equal to `ended` if the task never started. */
  readonly started: number;
  readonly ended: number;
  /**
   * A value or a {@link WireError}, as text. Undefined in a message if it is too large for the
   * inbox; the client then reads the stored outcome.
   */
  readonly payload?: string;
}

const errorKinds = new Set([REPORT_REJECTED, REPORT_CANCELLED, REPORT_UNCLONABLE]);

/**
 * Returns the value or error of an outcome. Returns undefined if the payload is stored elsewhere,
 * or is invalid, because anyone may write to the queue.
 */
export function payloadOf({ kind, payload }: OutcomeMessage): { readonly value: unknown } | undefined {
  const read = payload === undefined ? undefined : readText(payload);
  return read !== undefined && (kind === REPORT_FULFILLED || (errorKinds.has(kind) && isWireError(read.value)))
    ? read
    : undefined;
}

/** Returns an outcome for a future that its sender has not run. */
export function outcomeNow(id: number, attempt: number, kind: number, payload: string): OutcomeMessage {
  const at = wallClock();
  return { type: 'settled', id, attempt, kind, started: at, ended: at, payload };
}

// ── client → servers, in the queue's orders ──────────────────────────────────────────────────────

export type ToServer =
  /** `reason` is a {@link WireError}, as text. */
  | { readonly type: 'cancel'; readonly id: number; readonly attempt: number; readonly reason: string }
  /**
   * `count` is the total of all credit granted so far. An order that arrives twice after a lost
   * connection therefore grants nothing.
   */
  | { readonly type: 'credit'; readonly id: number; readonly count: number }
  /** Asks the server of a task to send all further messages about its future to `client` too. */
  | { readonly type: 'watch'; readonly id: number; readonly client: string };

export function encodeMessages(messages: readonly (ToClient | ToServer)[]): string {
  return joinMessages(messages.map(encodeMessage));
}

export function encodeMessage(message: ToClient | ToServer): string {
  return JSON.stringify(message);
}

/** Joins encoded messages. */
export function joinMessages(messages: readonly string[]): string {
  return `[${messages.join()}]`;
}

/** Returns the valid messages in a text. Invalid ones are ignored, because anyone may write. */
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
  settled: ({ kind, attempt, skipped, emitted, started, ended, payload }) =>
    Number.isSafeInteger(kind) &&
    isInteger(attempt, 1) &&
    (skipped === undefined || skipped === true) &&
    (emitted === undefined || isInteger(emitted, 0)) &&
    Number.isFinite(started) &&
    Number.isFinite(ended) &&
    (payload === undefined || typeof payload === 'string'),
  progress: ({ value }) => typeof value === 'string',
  values: ({ first, values, bytes, creditLeft }) =>
    isInteger(first, 0) &&
    typeof values === 'string' &&
    (bytes === undefined || isInteger(bytes, 0)) &&
    (creditLeft === undefined || isInteger(creditLeft, 0)),
  cancel: ({ attempt, reason }) =>
    isInteger(attempt, 1) && typeof reason === 'string' && isWireError(readText(reason)?.value),
  credit: ({ count }) => isInteger(count, 1),
  watch: ({ client }) => typeof client === 'string' && client.length <= MAX_CLIENT_LENGTH,
};

/**
 * Maximum number of errors in a {@link WireError}. encodeError cuts off the rest. An object may
 * contain the same error many times, and each occurrence is checked.
 */
const MAX_ERRORS = 1_000;

/** Returns true for a valid error within the limits of encodeError. */
export function isWireError(wire: unknown, seen = { count: 0 }): wire is WireError {
  if (!isRecord(wire) || ++seen.count > MAX_ERRORS) return false;
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
