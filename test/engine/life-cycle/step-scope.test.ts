import { expect, it } from 'vitest';
import { insideStep, isInsideStep } from '../../../src/engine/life-cycle/step-scope.js';

it('a step is on the stack only during its function, also if steps are nested', () => {
  const seen: boolean[] = [];
  const value = insideStep(() => {
    insideStep(() => seen.push(isInsideStep()));
    seen.push(isInsideStep());
    return 'value';
  });
  expect([...seen, isInsideStep(), value]).toEqual([true, true, false, 'value']);
});

it('a step that throws leaves the stack too', () => {
  expect(() =>
    insideStep(() => {
      throw new Error('in the step');
    }),
  ).toThrow('in the step');
  expect(isInsideStep()).toBe(false);
});
