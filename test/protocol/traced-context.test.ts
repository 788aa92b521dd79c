import { expect, it } from 'vitest';
import { headersOf, isTraced, tracedContext } from '../../src/protocol/traced-context.js';

it('a traced context keeps the context and the headers, also after structured clone and JSON', () => {
  const traced = tracedContext({ user: 7 }, { traceparent: '00-1-2-01' });
  for (const copy of [traced, structuredClone(traced), JSON.parse(JSON.stringify(traced))]) {
    expect(isTraced(copy)).toBe(true);
    expect([copy.context, headersOf(copy)]).toEqual([{ user: 7 }, { traceparent: '00-1-2-01' }]);
  }
});

it('the contexts of programs are not traced', () => {
  for (const context of [undefined, null, 'text', 7, {}, { context: 1 }, Object.create(tracedContext(1, {}))])
    expect(isTraced(context)).toBe(false);
});
