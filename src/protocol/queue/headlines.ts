/** Short texts about failed tasks, which a queue stores at a job for dashboards. */
import { headlineOf } from '../error-text.js';
import type { WireError } from '../wire-error.js';

/** Maximum length of a headline, in characters. */
export const MAX_HEADLINE = 1_000;
const CANCELLED = 'CancelledError: ';

/** Returns `TypeError: x is not a function` for an error, and JSON for any other value. */
export function failureHeadline(failure: unknown): string {
  return (failure instanceof Error ? headlineOf(failure) : valueText(failure)).slice(0, MAX_HEADLINE);
}

/** Returns `CancelledError: the user has left` for the reason of a cancel. */
export function cancelHeadline(reason: unknown): string {
  return withName(failureHeadline(reason));
}

/** Returns the same as {@link cancelHeadline}, and does not build the error. */
export function wireCancelHeadline(reason: WireError): string {
  if (reason.type === 'value') return cancelHeadline(reason.value);
  return withName(`${reason.name}: ${reason.message}`.slice(0, MAX_HEADLINE));
}

function withName(text: string): string {
  return text.startsWith(CANCELLED) ? text : CANCELLED + text;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value === 'object' ? 'an object' : String(value);
  }
}
