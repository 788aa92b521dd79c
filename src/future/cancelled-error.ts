/** The error of a cancelled future, for any reason that a program may pass to `cancel()`. */
import { inspect } from '#platform/inspect';
import { CancelledError } from '../errors.js';
import { messageOf } from '../protocol/clone-fault.js';
import { isInstance } from '../protocol/instance.js';

/**
 * Returns the error for a future that is cancelled with `reason`. The reason is its cause. A
 * CancelledError is returned as it is, so that a chain has one error.
 */
export function cancelledError(
  { name, id }: { readonly name: string; readonly id: number },
  reason: unknown,
): CancelledError {
  if (isInstance(reason, CancelledError)) return reason;
  const why = reason === undefined ? '' : `: ${textOf(reason)}`;
  const message = `Future "${name}" (#${id}) was cancelled${why}`;
  return new CancelledError(message, reason === undefined ? undefined : { cause: reason });
}

/**
 * Returns the text of a cancel reason. The reason may be any value, and its getters or its inspect
 * method may throw.
 */
function textOf(reason: unknown): string {
  if (isInstance(reason, Error) || typeof reason === 'string') return messageOf(reason);
  try {
    return inspect(reason, { depth: 0 });
  } catch {
    return messageOf(reason);
  }
}
