import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, expect, it } from 'vitest';
import { inTrace } from '../../src/worker/trace-context.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
const activeTrace = () => trace.getSpanContext(context.active())?.traceId;

afterEach(() => {
  context.disable();
  propagation.disable();
});

function register() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

it('a function runs in the trace of the headers, also after an await', async () => {
  register();
  const seen = await inTrace(headers, async () => {
    const before = activeTrace();
    await undefined;
    return [before, activeTrace()];
  });
  expect(seen).toEqual([traceId, traceId]);
  expect(activeTrace()).toBe(undefined);
});

it('nothing of the context around the call is visible inside', () => {
  register();
  const key = Symbol('baggage of another task');
  const around = ROOT_CONTEXT.setValue(key, 'other');
  expect(context.with(around, () => inTrace(headers, () => context.active().getValue(key)))).toBe(undefined);
});

it('a worker without OpenTelemetry, or with a part of it, calls the function', () => {
  expect(inTrace(headers, () => 'called')).toBe('called');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  expect(inTrace(headers, activeTrace)).toBe(undefined);
});
