import { describe, expect, it, vi } from 'vitest';
import { exportStep, sourceStep } from '../../../src/engine/handles/step.js';

describe('the step of an export', () => {
  it('each step of an export has a key of its own', () => {
    const [one, two] = [exportStep('parse'), exportStep('parse')];
    expect(one).toMatchObject({ kind: 'export', name: 'parse' });
    expect(one.key).not.toBe(two.key);
  });
});

describe('the step of a function', () => {
  it('functions with the same text are one step', () => {
    const steps = [1, 2].map(() => sourceStep((n: number) => n + 1));
    expect(steps[0]).toBe(steps[1]);
    expect(sourceStep((n: number) => n + 2)).not.toBe(steps[0]);
  });

  it('a function is a step where eval is forbidden, because a worker may have another policy', () => {
    const forbidden = () => {
      throw new EvalError('forbidden');
    };
    vi.stubGlobal('Function', new Proxy(Function, { construct: forbidden }));
    const { text } = sourceStep((n: number) => n + 70);
    vi.unstubAllGlobals();
    expect(text).toBe('(n) => n + 70');
  });

  it('the text of a method becomes an expression', () => {
    const { double } = {
      double(n: number) {
        return 2 * n;
      },
    };
    const { text, name } = sourceStep(double);
    expect(name).toBe('double');
    expect(new Function(`return (${text})`)()(4)).toBe(8);
  });

  it.each<[what: string, fn: Function, message: RegExp]>([
    ['a built-in function', Math.max, /"max" is a built-in or bound function.*Wrap it: \(x\) => max\(x\)/],
    ['a bound function', function twice() {}.bind(null), /"bound twice" is a built-in or bound function/],
    ['a class', class Page {}, /"Page" is a class, and a task must be a function/],
    ['a function that is not strict', new Function('with ({}) {}'), /not valid in strict mode/],
    ['a function with an import', new Function('return __vite_ssr_import_0__'), /uses an import, which Vite/],
  ])('%s causes a TypeError that says why', (_, fn, message) => {
    expect(() => sourceStep(fn)).toThrow(TypeError);
    expect(() => sourceStep(fn)).toThrow(message);
  });
});
