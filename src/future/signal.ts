/** AbortSignals as a way to give up: one listener per signal, however many futures and waits share it. */

/** What a signal ends: a future, or a wait for one. */
export interface Abortable {
  cancel(reason: unknown): unknown;
}

interface Listening {
  readonly waiting: Set<Abortable>;
  readonly listener: () => void;
}

const signals = new WeakMap<AbortSignal, Listening>();

/** Calls `cancel` with the signal's reason when the signal aborts. */
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

/** It has settled. The last one removes the listener. */
export function unlistenSignal(signal: AbortSignal, abortable: Abortable): void {
  const listening = signals.get(signal);
  if (listening === undefined) return;
  listening.waiting.delete(abortable);
  if (listening.waiting.size > 0) return;
  signals.delete(signal);
  signal.removeEventListener('abort', listening.listener);
}
