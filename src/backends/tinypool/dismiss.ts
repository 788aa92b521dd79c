/** Removes tinypool's listener from a worker that tinypool has started. Runs in the worker. */

/** A port to which tinypool has added a listener too. */
interface PublicPort {
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Removes tinypool's listener from a port. The listener is not needed any more, and it throws for
 * messages of other code.
 *
 * tinypool's listener is the last of `listeners`. Only preloaded modules can have added listeners
 * by now, and they ran before tinypool.
 */
export function dismissTinypool(port: PublicPort, listeners: readonly Function[]): void {
  const tinypools = listeners.at(-1) as ((message: unknown) => void) | undefined;
  if (tinypools !== undefined) port.off('message', tinypools);
}
