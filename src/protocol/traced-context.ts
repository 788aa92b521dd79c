/**
 * The context of a task that is traced: the program's own context, and the headers of the caller's
 * trace, such as `traceparent`. It travels where the context travels, so no message has a field for
 * it.
 */

/** The headers of a trace context (https://www.w3.org/TR/trace-context/), by their names. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** No context of a program has this name among its properties. */
const HEADERS = 'rx-futures.trace-headers';

export interface TracedContext {
  readonly [HEADERS]: TraceHeaders;
  /** The context that the task reads. */
  readonly context: unknown;
}

export function tracedContext(context: unknown, headers: TraceHeaders): TracedContext {
  return { [HEADERS]: headers, context };
}

export function isTraced(context: unknown): context is TracedContext {
  return typeof context === 'object' && context !== null && Object.hasOwn(context, HEADERS);
}

export function headersOf(traced: TracedContext): TraceHeaders {
  return traced[HEADERS];
}
