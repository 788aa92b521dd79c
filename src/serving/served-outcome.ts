/**
 * Encodes the values and outcomes of served tasks as text for messages. Decodes an outcome that
 * another server has published.
 */
import type { ServedOutcome } from '../engine/served-tasks.js';
import { cloneFault, messageOf, unclonable } from '../protocol/clone-fault.js';
import { REPORT_CANCELLED, REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../protocol/messages.js';
import { tooLarge } from '../protocol/queue/job-data.js';
import { type OutcomeMessage, payloadOf } from '../protocol/queue/messages.js';
import { bytesIn, errorText, toText } from '../protocol/queue/value-text.js';
import { decodeError, type WireError } from '../protocol/wire-error.js';

/**
 * Returns a value as text. `name` names the value in errors.
 *
 * @throws SerializationError if the value can't be serialized, or exceeds maxPayload
 */
export function encodeValue(value: unknown, name: string, maxPayload: number): string {
  const text = textOf(value, name);
  const bytes = bytesIn(text);
  if (bytes > maxPayload) throw tooLarge(`The ${name} takes`, bytes, maxPayload, name);
  return text;
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

/** The error of a node that has failed, or the reason of its cancel. */
export interface Failed {
  readonly failure: unknown;
  readonly isCancelled: boolean;
}

export interface EncodedOutcome {
  /** A constant of protocol/messages.ts. */
  readonly kind: number;
  readonly payload: string;
  readonly failed: Failed | undefined;
}

/** Encodes an outcome. `isUpstream` is true if another node of the tree needs the value. */
export function encodeOutcome(outcome: ServedOutcome, isUpstream: boolean, maxPayload: number): EncodedOutcome {
  if (outcome.status === 'cancelled')
    return { kind: REPORT_CANCELLED, payload: errorText(outcome.reason), failed: failedWith(outcome.reason, true) };
  if (outcome.status === 'rejected') {
    const { reason, isUnsendable } = outcome;
    return {
      kind: isUnsendable ? REPORT_UNCLONABLE : REPORT_REJECTED,
      payload: errorText(reason),
      failed: failedWith(reason),
    };
  }
  try {
    return { kind: REPORT_FULFILLED, payload: encodeValue(outcome.value, 'result', maxPayload), failed: undefined };
  } catch (error) {
    // The task succeeded, and dependent nodes continue. Only its value can't be sent.
    return {
      kind: isUpstream ? REPORT_UNCLONABLE : REPORT_REJECTED,
      payload: errorText(error),
      failed: failedWith(error),
    };
  }
}

function failedWith(failure: unknown, isCancelled = false): Failed {
  return { failure, isCancelled };
}

/** Reads the outcome that another server has published. */
export function decodeOutcome(end: OutcomeMessage): ServedOutcome {
  const value = payloadOf(end)?.value;
  if (end.kind === REPORT_FULFILLED) return { status: 'fulfilled', value };
  const reason = decodeError(value as WireError);
  if (end.kind === REPORT_CANCELLED) return { status: 'cancelled', reason };
  return { status: 'rejected', reason, isUnsendable: end.kind === REPORT_UNCLONABLE };
}
