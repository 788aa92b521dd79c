import { TaskNotFoundError } from 'rx-futures';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Functions } from '../../src/worker/functions.js';

function open(namespace: Record<string, unknown> = {}, ...definitions: object[]) {
  const functions = new Functions();
  functions.useModule(namespace, 'file:///tasks.js');
  functions.define(definitions as never);
  return functions;
}

const source = (text: string, name = 'task') => open({}, { key: 1, kind: 'source', name, text }).get(1).fn;

describe('exports', () => {
  it('a key finds its export, and the same function each time', () => {
    const add = (a: number, b: number) => a + b;
    const functions = open({ add }, { key: 3, kind: 'export', name: 'add' });
    expect(functions.get(3).fn).toBe(add);
    expect(functions.get(3)).toBe(functions.get(3));
  });

  it('a CommonJS module is found behind its default export', () => {
    const parse = () => 'parsed';
    expect(open({ default: { parse } }).exported('parse')).toBe(parse);
  });

  it.each<[what: string, namespace: Record<string, unknown>, name: string, message: RegExp]>([
    ['a missing export', { b() {}, a() {}, c: 1 }, 'parse', /has no export "parse"\. It exports: a, b\. Correct/],
    [
      'an export of another type',
      { parse: 5 },
      'parse',
      /exports "parse" as number, not as a function\. It exports no/,
    ],
  ])('%s causes an error with the exports that there are', (_, namespace, name, message) => {
    const functions = open(namespace);
    expect(() => functions.exported(name)).toThrow(TaskNotFoundError);
    expect(() => functions.exported(name)).toThrow(message);
    expect(() => functions.exported(name)).toThrow('Task module "file:///tasks.js"');
  });

  it('an unknown key is a bug of the library', () => {
    expect(() => open().get(9)).toThrow(/Function 9 was not defined on this worker\. Report this/);
  });
});

describe('functions that were sent as text', () => {
  it('the text runs in strict mode, with an undefined `this`, and sees globals', () => {
    expect(source('function () { return [this, typeof URL]; }')()).toEqual([undefined, 'function']);
    expect(() => source('() => { undeclared = 1; }')()).toThrow(/undeclared is not defined on the worker/);
  });

  it('a text that is not valid causes its SyntaxError', () => {
    expect(() => source('() => {')).toThrow(SyntaxError);
  });

  it('a missing variable is explained with the name of the function, now or in a promise', async () => {
    const explained =
      /^limit is not defined on the worker: function "task" was sent as text.*Pass limit as an argument/;
    expect(() => source('(n) => n < limit')(1)).toThrow(explained);
    await expect(source('async (n) => n < limit')(1)).rejects.toThrow(explained);
  });

  it('another error is passed on as it is', () => {
    expect(() => source('() => { throw new RangeError("own"); }')()).toThrow(RangeError);
    expect(() => source('() => { throw new ReferenceError("own text"); }')()).toThrow(/^own text$/);
  });

  it('the helper __name of bundlers exists', () => {
    expect(source('() => __name(() => 1, "inner")()')()).toBe(1);
  });
});

describe('measurements', () => {
  it('a function that has not run is as slow as can be', () => {
    const functions = open({ add() {} }, { key: 3, kind: 'export', name: 'add' });
    expect(functions.slowest(3)).toBe(Number.POSITIVE_INFINITY);
    functions.get(3).slowest = 2;
    expect(functions.slowest(3)).toBe(2);
  });
});

describe('without eval', () => {
  it('a function that was sent as text causes a SerializationError, and exports need no eval', async () => {
    vi.resetModules();
    vi.stubGlobal('eval', () => {
      throw new EvalError('Code generation from strings disallowed');
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { Functions } = await import('../../src/worker/functions.js');
    const functions = new Functions();
    const add = (a: number, b: number) => a + b;
    functions.useModule({ add }, 'file:///tasks.js');
    functions.define([
      { key: 1, kind: 'export', name: 'add' },
      { key: 2, kind: 'source', name: 'double', text: '(n) => 2 * n' },
    ]);
    expect(functions.get(1).fn(1, 2)).toBe(3);
    const message = /^A worker can't run function "double", .* Export the function from the task module\.$/;
    expect(() => functions.get(2)).toThrow(
      expect.objectContaining({ code: 'ERR_SERIALIZATION', message: expect.stringMatching(message) }),
    );
  });
});
