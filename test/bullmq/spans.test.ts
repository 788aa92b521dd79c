/** Spans of tasks that travel through a real Redis. */
import { chain, Executor } from 'rx-futures';
import { bullmqBackend } from 'rx-futures/bullmq';
import { instrument } from 'rx-futures/opentelemetry';
import { expect, it } from 'vitest';
import { register, spansInMemory } from '../opentelemetry/open.js';
import { fixture } from '../support/open.js';
import { describeQueue } from './support/describe-queue.js';
import { serveHere } from './support/servers.js';

type Traced = typeof import('../fixtures/traced.js');

describeQueue('spans over a queue', (anyAddress) => {
  it('a chain over a queue is one trace, with the spans that its tasks make on the server', async () => {
    register();
    const { tracerProvider, spans, spanOf } = spansInMemory();
    const address = anyAddress();
    await using _server = await serveHere(address, { tasks: fixture('traced.js') });
    await using client = new Executor<Traced>({ backend: bullmqBackend(address) });
    instrument(client, { tracerProvider });
    const { here, hereAfterAwait } = client.tasks;
    const first = here();
    const onServer = await Promise.all([first, first.pipe(chain(hereAfterAwait))]);
    expect(spans().map(({ name }) => name)).toEqual(['here', 'hereAfterAwait']);
    const { traceId, spanId } = spanOf('here').spanContext();
    expect(spanOf('hereAfterAwait')).toMatchObject({
      parentSpanContext: { traceId, spanId },
      links: [{ context: { traceId, spanId } }],
    });
    expect(onServer).toMatchObject([
      { trace: traceId, parent: spanId },
      { trace: traceId, parent: spanOf('hereAfterAwait').spanContext().spanId },
    ]);
  });
});
