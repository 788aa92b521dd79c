/**
 * Runs a task in the trace of its caller, so that spans that the task makes are children of the
 * caller's span.
 *
 * A worker does not load OpenTelemetry. It uses what the program has registered: a context manager
 * and a propagator. Copies of `@opentelemetry/api` find each other's registrations in one property
 * of globalThis, whose name and form are therefore the same for all versions 1.x
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts).
 */
import { AsyncLocalStorage } from '#platform/async-storage';
import type { TraceHeaders } from '../protocol/traced-context.js';

interface Getter {
  get(headers: TraceHeaders, name: string): string | undefined;
  keys(headers: TraceHeaders): string[];
}

interface Registered {
  readonly context?: {
    active(): unknown;
    with<R>(context: unknown, fn: () => R): R;
  };
  readonly propagation?: {
    extract(context: unknown, headers: TraceHeaders, getter: Getter): unknown;
  };
}

const API = Symbol.for('opentelemetry.js.api.1');

const getter: Getter = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};

/** Calls a function where no span is active. A task may start in the callback of another one. */
const outside = AsyncLocalStorage.snapshot();

export function inTrace<R>(headers: TraceHeaders, fn: () => R): R {
  const { context, propagation } = (globalThis as { [API]?: Registered })[API] ?? {};
  if (context === undefined || propagation === undefined) return fn();
  const root = outside(() => context.active());
  return context.with(propagation.extract(root, headers, getter), fn);
}
