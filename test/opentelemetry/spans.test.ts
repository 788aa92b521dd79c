import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { chain, Executor, type ExecutorOptions } from 'rx-futures';
import { instrument } from 'rx-futures/opentelemetry';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { currentTask } from '../../src/worker.js';
import { register, spansInMemory, trace, untilCancelled } from './open.js';

const module = {
  double: (n: number) => n * 2,
  fail: (_n: number) => {
    throw new RangeError('out of milk');
  },
  failOnce: () => {
    if (currentTask().attempt === 1) throw new TypeError('busy');
    return currentTask().attempt;
  },
  activeSpan: () => trace.getActiveSpan()?.spanContext(),
  contextOf: () => currentTask().context,
  never: untilCancelled,
};

function open(options: ExecutorOptions = {}) {
  const executor = new Executor<typeof module>({
    name: 'crew',
    backend: inlineBackend({ module: () => module }),
    ...options,
  });
  const memory = spansInMemory();
  const undo = instrument(executor, { tracerProvider: memory.tracerProvider });
  return { executor, tasks: executor.tasks, undo, ...memory };
}

describe('the span of a task', () => {
  it('a span has the name of the task, its executor, its id, its worker and its status', async () => {
    const { tasks, spans } = open();
    const future = tasks.double(2);
    await future;
    expect(spans()).toHaveLength(1);
    const [span] = spans();
    expect([span!.name, span!.kind, span!.status.code]).toEqual(['double', SpanKind.INTERNAL, SpanStatusCode.UNSET]);
    expect(span!.attributes).toMatchObject({
      'rx_futures.executor.name': 'crew',
      'rx_futures.task.id': future.id,
      'rx_futures.task.status': 'fulfilled',
      'rx_futures.task.attempt': 1,
      'rx_futures.worker.name': 'crew-1',
      'code.function.name': 'double',
    });
    expect(span!.attributes).not.toHaveProperty('error.type');
  });

  it('the event "started" ends the time in the queue', async () => {
    const { tasks, spanOf } = open();
    await tasks.double(2);
    const { events, startTime, endTime } = spanOf('double');
    expect(events).toMatchObject([
      { name: 'started', attributes: { 'rx_futures.worker.name': 'crew-1', 'rx_futures.task.attempt': 1 } },
    ]);
    const ms = ([seconds, nanos]: readonly [number, number]) => seconds * 1e3 + nanos / 1e6;
    // The clock of a span starts at a whole millisecond.
    expect(ms(events[0]!.time) - ms(startTime)).toBeGreaterThan(-2);
    expect(ms(endTime) - ms(events[0]!.time)).toBeGreaterThan(-2);
  });

  it('a failed task has an error status, the class of its error, and the error as an event', async () => {
    const { tasks, spanOf } = open();
    await tasks.fail(1).settled();
    const { status, attributes, events } = spanOf('fail');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'out of milk' });
    expect(attributes).toMatchObject({ 'error.type': 'RangeError', 'rx_futures.task.status': 'rejected' });
    expect(events.at(-1)).toMatchObject({ name: 'exception', attributes: { 'exception.message': 'out of milk' } });
  });

  it('a retried task has one span with an event for each attempt', async () => {
    const { tasks, spans } = open();
    await tasks.failOnce.with({ retry: { count: 1, delay: 0 } })();
    expect(spans()).toHaveLength(1);
    const [{ events, attributes, status }] = spans() as [ReturnType<typeof spans>[number]];
    expect(events.map(({ name, attributes: of }) => [name, of!['rx_futures.task.attempt']])).toEqual([
      ['started', 1],
      ['retried', 1],
      ['started', 2],
    ]);
    expect(events[1]!.attributes).toMatchObject({ 'error.type': 'TypeError', 'rx_futures.task.retry_delay': 0 });
    expect([attributes['rx_futures.task.attempt'], status.code]).toEqual([2, SpanStatusCode.UNSET]);
  });

  it('a cancelled task has a span without an error, also if its signal was aborted before the submit', async () => {
    const { tasks, spans } = open();
    tasks.never().cancel();
    await tasks.double.with({ signal: AbortSignal.abort() })(1).settled();
    expect(
      spans().map(({ name, attributes, status }) => [name, attributes['rx_futures.task.status'], status.code]),
    ).toEqual([
      ['never', 'cancelled', SpanStatusCode.UNSET],
      ['double', 'cancelled', SpanStatusCode.UNSET],
    ]);
  });
});

describe('the trace of a task', () => {
  it('the parent of a span is the span that is active at the submit', async () => {
    register();
    const { tasks, inSpan, spanOf } = open();
    await inSpan('request', () => tasks.double(1));
    const request = spanOf('request').spanContext();
    expect(spanOf('double').parentSpanContext).toMatchObject({ traceId: request.traceId, spanId: request.spanId });
    expect(spanOf('double').links).toEqual([]);
  });

  it('a step inside a span has a link to the task before it, and the span as its parent', async () => {
    register();
    const { tasks, inSpan, spanOf } = open();
    await inSpan('request', () => tasks.double(1).pipe(chain(tasks.fail))).settled();
    const [before, step] = [spanOf('double'), spanOf('fail')];
    expect(step.parentSpanContext!.spanId).toBe(spanOf('request').spanContext().spanId);
    expect(step.links.map(({ context }) => context)).toEqual([before.spanContext()]);
  });

  it('a chain outside of every span is one trace, also with a function between two tasks', async () => {
    const { tasks, spanOf } = open();
    const end = tasks.double(1).pipe(
      chain((n) => n + 1),
      chain(tasks.fail),
    );
    await end.settled();
    const before = spanOf('double').spanContext();
    expect(spanOf('fail').parentSpanContext).toMatchObject({ traceId: before.traceId, spanId: before.spanId });
    expect(spanOf('fail').links).toMatchObject([{ context: before }]);
  });

  it('a step that is added after the end of the task before it is in the same trace', async () => {
    const { tasks, spanOf } = open();
    const first = tasks.double(1);
    await first;
    await first.pipe(chain(tasks.fail)).settled();
    expect(spanOf('fail').spanContext().traceId).toBe(spanOf('double').spanContext().traceId);
  });

  it('the span of the task is active in the task', async () => {
    register();
    const { tasks, spanOf } = open();
    expect(await tasks.activeSpan()).toMatchObject({
      spanId: spanOf('activeSpan').spanContext().spanId,
      isRemote: true,
    });
  });

  it('the task reads its own context, with or without one', async () => {
    const { tasks } = open();
    expect(await tasks.contextOf()).toBe(undefined);
    expect(await tasks.contextOf.with({ context: { user: 7 } })()).toEqual({ user: 7 });
    const withOption = open({ context: () => 'from the option' });
    expect(await withOption.tasks.contextOf()).toBe('from the option');
  });

  it('nothing travels with a task if the program has no provider of traces', async () => {
    register();
    const executor = new Executor<typeof module>({ backend: inlineBackend({ module: () => module }) });
    instrument(executor);
    expect(await executor.tasks.activeSpan()).toBe(undefined);
    await executor.shutdown();
  });

  it('a processor that throws costs the span, and not the task', async () => {
    const { executor, undo } = open();
    undo();
    const onStart = () => {
      throw new Error('in the processor');
    };
    const processor = { onStart, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
    instrument(executor, { tracerProvider: new BasicTracerProvider({ spanProcessors: [processor] }) });
    expect(await executor.tasks.double(2)).toBe(4);
  });
});
