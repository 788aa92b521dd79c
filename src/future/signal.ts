/**
 * AbortSignals that cancel futures and waits. A signal gets one listener, however many futures and
 * waits share it.
 */

/** A future, or a wait for a future, that an AbortSignal can cancel. */
export interface Abortable {
  cancel(reason: unknown): unknown;
}

interface Listening {
  readonly waiting: Set<Abortable>;
  readonly listener: () => void;
}

const signals = new WeakMap<AbortSignal, Listening>();

/** Calls `cancel` of `abortable` with the signal's reason when the signal aborts. */
export function listenSignal(signal: AbortSignal, abortable: Abortable): void {
  let listening = signals.get(signal);
  if (listening === undefined) {
    const waiting = new Set<Abortable>();
    const listener = () => {
      signals.delete(signal);
      for (const each of waiting) each.cancel(signal.reason);
    };
    listening = { waiting, listener };
    signals.set(signal, listening);
    signal.addEventListener('abort', listener, { once: true });
  }
  listening.waiting.add(abortable);
}

/**
 * Called when `abortable` has settled. Removes the listener if nothing else waits for the signal.
 */
export function unlistenSignal(signal: AbortSignal, abortable: Abortable): void {
  const listening = signals.get(signal);
  if (listening === undefined) return;
  listening.waiting.delete(abortable);
  if (listening.waiting.size > 0) return;
  signals.delete(signal);
  signal.removeEventListener('abort', listening.listener);
}
