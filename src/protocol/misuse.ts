/**
 * Errors for arguments that the caller must not pass at all. The call throws them. All other errors
 * of arguments reject the future of the call.
 */
const misuses = new WeakSet<object>();

/** Creates an error that the call throws. */
export function misuse(message: string): TypeError {
  const error = new TypeError(message);
  misuses.add(error);
  return error;
}

export function isMisuse(error: unknown): boolean {
  return typeof error === 'object' && error !== null && misuses.has(error);
}
