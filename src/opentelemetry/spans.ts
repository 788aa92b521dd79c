/**
 * Spans of tasks: one for each task, from its submit to its settlement.
 *
 * The parent of a span is the span that is active at the submit. A task that follows another one
 * also has a link to it. If no span is active, the other task is its parent, so that a chain is one
 * trace in any case.
 */
import {
  type Context,
  context,
  diag,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer as SpanTracer,
  trace,
} from '@opentelemetry/api';
import { now, wallClock } from '#platform/time';
import type { ExecutorEvent } from '../engine/observe/events.js';
import type { Tracer } from '../engine/observe/tracer.js';
import type { TaskRun } from '../engine/run/task-run.js';
import type { Future } from '../future/future.js';
import type { TraceHeaders } from '../protocol/traced-context.js';
import * as name from './names.js';

/** The spans of tasks that later tasks may follow. They may have ended. */
const spanContexts = new WeakMap<Future<unknown>, SpanContext>();

type EventOf<T extends ExecutorEvent['type']> = Extract<ExecutorEvent, { type: T }>;

export class TaskSpans implements Tracer {
  readonly #executor: string;
  readonly #tracer: SpanTracer;
  /** The spans that have not ended, by the ids of their futures. */
  readonly #open = new Map<number, Span>();

  constructor(executor: string, tracer: SpanTracer) {
    this.#executor = executor;
    this.#tracer = tracer;
  }

  /** Number of spans that have not ended. */
  get open(): number {
    return this.#open.size;
  }

  submitted(run: TaskRun, upstream: Future<unknown> | undefined): TraceHeaders | undefined {
    // The span of an attached task belongs to the program that submitted it.
    if (run.kind === 'attach') return undefined;
    try {
      return this.#start(run, upstream);
    } catch (error) {
      // A processor of the program has thrown. The task runs without a span.
      diag.error(`rx-futures: the span of task "${run.name}" could not be started.`, error);
      return undefined;
    }
  }

  record(event: ExecutorEvent): void {
    if (event.type === 'task-started') this.#started(event);
    else if (event.type === 'task-retried') this.#retried(event);
    else if (event.type === 'task-settled') this.#settled(event);
  }

  #start(run: TaskRun, upstream: Future<unknown> | undefined): TraceHeaders | undefined {
    const { future, owner } = run;
    const active = context.active();
    const before = spanBefore(upstream);
    const isInside = trace.getSpanContext(active) !== undefined;
    const parent = before === undefined || isInside ? active : trace.setSpanContext(active, before);
    const span = this.#tracer.startSpan(
      run.name,
      {
        // The span of a queued task covers the work of another process.
        kind: owner.traits.ownsWorkers ? SpanKind.INTERNAL : SpanKind.CLIENT,
        attributes: { [name.EXECUTOR]: this.#executor, [name.TASK_ID]: future.id, [name.FUNCTION]: run.name },
        links: before === undefined ? [] : [{ context: before }],
      },
      parent,
    );
    this.#open.set(future.id, span);
    if (!isSpanContextValid(span.spanContext())) return undefined;
    spanContexts.set(future, span.spanContext());
    return headersOf(trace.setSpan(parent, span));
  }

  #started({ id, at, worker, threadId, attempt }: EventOf<'task-started'>): void {
    const attributes = { [name.WORKER]: worker, [name.THREAD]: threadId, [name.ATTEMPT]: attempt };
    this.#open.get(id)?.addEvent('started', attributes, bySystemClock(at));
  }

  #retried({ id, attempt, delay, error }: EventOf<'task-retried'>): void {
    const attributes = {
      [name.ATTEMPT]: attempt,
      [name.RETRY_DELAY]: delay,
      [name.ERROR_TYPE]: name.typeOf(error),
    };
    this.#open.get(id)?.addEvent('retried', attributes);
  }

  #settled({ id, status, worker, threadId, attempt, error }: EventOf<'task-settled'>): void {
    const span = this.#open.get(id);
    if (span === undefined) return;
    this.#open.delete(id);
    span.setAttributes({ [name.TASK_STATUS]: status, [name.ATTEMPT]: attempt });
    if (worker !== undefined) span.setAttribute(name.WORKER, worker);
    if (threadId !== undefined) span.setAttribute(name.THREAD, threadId);
    if (status === 'rejected') {
      span.setAttribute(name.ERROR_TYPE, name.typeOf(error));
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    }
    span.end();
  }
}

/**
 * Returns the span of the nearest task before a step. Functions between two tasks have no spans.
 */
function spanBefore(upstream: Future<unknown> | undefined): SpanContext | undefined {
  for (let future = upstream; future !== undefined; future = future._producer.source) {
    const found = spanContexts.get(future);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Converts a time of this library, which never goes back, to the clock of the system, which spans
 * use. The two clocks can drift apart.
 */
function bySystemClock(at: number): number {
  return at + wallClock() - now();
}

/** Returns the headers of the active trace, also if the program has registered no propagator. */
function headersOf(active: Context): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(active, headers);
  if (Object.keys(headers).length > 0) return headers;
  const { traceId, spanId, traceFlags } = trace.getSpanContext(active)!;
  return { traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` };
}
