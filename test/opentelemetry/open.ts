/** Executors with spans in memory. */
import { context, propagation, type TracerProvider, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';
import { currentTask } from '../../src/worker.js';

export { trace };

/** A tracer provider that keeps its spans, and a span of the program around a call. */
export function spansInMemory() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider: TracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return {
    tracerProvider,
    spans: () => exporter.getFinishedSpans(),
    /** Returns the finished span with this name. */
    spanOf: (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)!,
    inSpan<R>(name: string, fn: () => R): R {
      const span = tracerProvider.getTracer('program').startSpan(name);
      try {
        return context.with(trace.setSpan(context.active(), span), fn);
      } finally {
        span.end();
      }
    },
  };
}

/** A task that ends when it is cancelled. */
export function untilCancelled(): Promise<never> {
  const { signal } = currentTask();
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** Registers OpenTelemetry for this test, as a program does at its start. */
export function register(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    context.disable();
    propagation.disable();
  });
}
