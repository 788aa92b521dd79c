/** AbortSignals as a way to cancel: one listener per signal, however many futures share it. */
import type { Future } from '../future/future.js';

interface Listening {
  readonly futures: Set<Future<any>>;
  readonly listener: () => void;
}

const signals = new WeakMap<AbortSignal, Listening>();

/** Cancels the future when the signal aborts. */
export function listenSignal(signal: AbortSignal, future: Future<any>): void {
  let listening = signals.get(signal);
  if (listening === undefined) {
    const futures = new Set<Future<any>>();
    const listener = () => {
      signals.delete(signal);
      for (const each of futures) each.cancel(signal.reason);
    };
    listening = { futures, listener };
    signals.set(signal, listening);
    signal.addEventListener('abort', listener, { once: true });
  }
  listening.futures.add(future);
}

/** The future has settled; the last one takes the listener away. */
export function unlistenSignal(signal: AbortSignal, future: Future<any>): void {
  const listening = signals.get(signal);
  if (listening === undefined) return;
  listening.futures.delete(future);
  if (listening.futures.size > 0) return;
  signals.delete(signal);
  signal.removeEventListener('abort', listening.listener);
}
