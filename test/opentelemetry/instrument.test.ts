import { chain, Executor } from 'rx-futures';
import { instrument } from 'rx-futures/opentelemetry';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../src/backends/node.js';
import { queueBackend } from '../../src/backends/queue/backend.js';
import { resolveOptions } from '../../src/options/resolve.js';
import { Service } from '../../src/serving/service.js';
import { MemoryQueue } from '../support/memory-queue.js';
import { fixture } from '../support/open.js';
import { register, spansInMemory, untilCancelled } from './open.js';

type Traced = typeof import('../fixtures/traced.js');

const double = (n: number) => n * 2;

function inline() {
  const module = { double, never: untilCancelled };
  return new Executor<typeof module>({ name: 'crew', backend: inlineBackend({ module: () => module }) });
}

describe('instrument', () => {
  it('new tasks have no spans after the returned function was called, and the span of a running task ends', async () => {
    const executor = inline();
    const { tracerProvider, spans } = spansInMemory();
    const undo = instrument(executor, { tracerProvider });
    const running = executor.tasks.never();
    undo();
    undo();
    await executor.tasks.double.with({ signal: AbortSignal.abort() })(1).settled();
    expect(spans()).toEqual([]);
    running.cancel();
    expect(spans().map(({ name }) => name)).toEqual(['never']);
    instrument(executor, { tracerProvider })();
    await executor.shutdown();
  });

  it('wrong arguments and a second call throw', () => {
    const executor = inline();
    expect(() => instrument({} as never)).toThrow(
      new TypeError(
        'instrument(executor): expected an Executor, got an object. Pass the executor whose tasks are to have spans.',
      ),
    );
    expect(() => instrument(executor, { tracerProvider: {} as never })).toThrow('option "tracerProvider"');
    expect(() => instrument(executor, { meter: 1 } as never)).toThrow('unknown option "meter"');
    instrument(executor);
    expect(() => instrument(executor)).toThrow('executor "crew" is instrumented already');
  });
});

describe('OpenTelemetry on workers', () => {
  it('the spans of a chain over two workers form one trace, with the spans that its tasks make', async () => {
    register();
    const { tracerProvider, inSpan, spanOf, spans } = spansInMemory();
    await using executor = new Executor<Traced>({ tasks: fixture('traced.js'), maxTasksPerWorker: 1, name: 'crew' });
    instrument(executor, { tracerProvider });
    const { here, hereAfterAwait } = executor.tasks;
    const [first, second] = await inSpan('request', async () => {
      const future = here.with({ context: 'own' })();
      const seen = await future;
      return [seen, await future.pipe(chain(hereAfterAwait))];
    });
    expect(first.workerName).not.toBe(second.workerName);
    expect(first.context).toBe('own');
    const { traceId } = spanOf('request').spanContext();
    expect(spans().map((span) => span.spanContext().traceId)).toEqual([traceId, traceId, traceId]);
    expect([first, second]).toMatchObject([
      { trace: traceId, parent: spanOf('here').spanContext().spanId },
      { trace: traceId, parent: spanOf('hereAfterAwait').spanContext().spanId },
    ]);
    const streamed: Awaited<ReturnType<typeof executor.tasks.here>>[] = [];
    for await (const seen of executor.tasks.hereTwice.with({ highWaterMark: 1 }).stream()) streamed.push(seen);
    const parent = spanOf('hereTwice').spanContext().spanId;
    expect(streamed).toMatchObject([{ parent }, { parent }]);
  });

  it('the spans that a task makes on a server of a queue are children of the span of its caller', async () => {
    register();
    const { tracerProvider, inSpan, spanOf } = spansInMemory();
    const queue = new MemoryQueue();
    const engine = resolveOptions({ tasks: fixture('traced.js'), name: 'server', maxWorkers: 1 }, runtimes);
    const options = { maxPayload: 2 ** 20, lostAfter: 30_000, rerunLost: 0, engine };
    const server = new Service(options, queue.server(), { publish() {}, close() {} });
    await server.start();
    const executor = new Executor<Traced>({ backend: queueBackend('memory', queue.client()), name: 'client' });
    instrument(executor, { tracerProvider });
    const { here, hereAfterAwait } = executor.tasks;
    const seen = await inSpan('request', () => here().pipe(chain(hereAfterAwait)));
    expect(seen).toMatchObject({
      trace: spanOf('request').spanContext().traceId,
      parent: spanOf('hereAfterAwait').spanContext().spanId,
      context: undefined,
    });
    expect(spanOf('hereAfterAwait').links).toMatchObject([{ context: spanOf('here').spanContext() }]);
    await executor.shutdown();
    await server.close();
  });
});
