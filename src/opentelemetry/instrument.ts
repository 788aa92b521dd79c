/** `instrument`: spans and metrics of the tasks of an executor. */
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import type { Executor } from '../executor.js';
import { type Checks, kind, show, validate } from '../util/validate.js';
import { measure } from './metrics.js';
import { SCOPE } from './names.js';
import { TaskSpans } from './spans.js';

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /**
   * Makes the tracer.
   *
   * @default the provider that the program has registered
   */
  readonly tracerProvider?: TracerProvider;
  /**
   * Makes the meter.
   *
   * @default the provider that the program has registered
   */
  readonly meterProvider?: MeterProvider;
}

const checks: Checks<InstrumentOptions> = {
  tracerProvider: kind('a TracerProvider', (value) => typeof value?.getTracer === 'function'),
  meterProvider: kind('a MeterProvider', (value) => typeof value?.getMeter === 'function'),
};

/**
 * Makes an OpenTelemetry span for each task of an executor, and metrics of its tasks and workers.
 * Returns a function that ends this.
 *
 * Use it if your program sends traces or metrics to a backend such as Jaeger or Prometheus.
 *
 * ```ts
 * import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
 * import { instrument } from 'rx-futures/opentelemetry';
 *
 * const exporter = new InMemorySpanExporter();
 * const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
 * instrument(executor, { tracerProvider });
 * await fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse));
 *
 * const spans = exporter.getFinishedSpans();
 * console.log(spans.map(({ name }) => name), new Set(spans.map((span) => span.spanContext().traceId)).size);
 * // Output:
 * // [ 'fetchPage', 'parse' ] 1
 * ```
 *
 * A span lasts from the submit to the settlement. Its events `started` and `retried` show how long
 * the task has waited. Its parent is the span that is active at the submit. A step of a chain has a
 * link to the task before it, which is its parent if no span is active.
 *
 * The context of the span travels with the task, over a queue too. If a context manager and a
 * propagator are registered on the worker, the spans that the task makes there are children of its
 * span.
 *
 * The returned function ends the metrics at once. Open spans end with their tasks. An
 * executor without this call pays nothing.
 *
 * @throws TypeError if `executor` is not an executor, or an option is unknown or has the wrong type
 * @throws Error if the executor is instrumented already
 */
export function instrument(executor: Executor<any>, options: InstrumentOptions = {}): () => void {
  if (typeof executor?._trace !== 'function') {
    throw new TypeError(
      `instrument(executor): expected an Executor, got ${show(executor)}. Pass the executor whose tasks are to have spans.`,
    );
  }
  validate('instrument()', options, checks);
  const { tracerProvider = trace.getTracerProvider(), meterProvider = metrics.getMeterProvider() } = options;
  const { name } = executor.toJSON();
  const spans = new TaskSpans(name, tracerProvider.getTracer(SCOPE));
  const untrace = executor._trace(spans);
  const measured = measure(meterProvider.getMeter(SCOPE), name, () => executor.stats());
  let isEnding = false;
  const subscription = executor.events.subscribe({
    next: (event) => {
      if (!isEnding) measured.record(event);
      spans.record(event);
      if (isEnding && spans.open === 0) subscription.unsubscribe();
    },
    complete: () => measured.stop(),
  });
  return () => {
    isEnding = true;
    untrace();
    measured.stop();
    if (spans.open === 0) subscription.unsubscribe();
  };
}
