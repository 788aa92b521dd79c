/** G9 Errors arrive whole. */
import { inspect, types } from 'node:util';
import { type Future, SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

async function reasonOf(future: Future<unknown>): Promise<any> {
  const outcome = await future.settled();
  expect(outcome.status).toBe('rejected');
  return outcome.status === 'rejected' ? outcome.reason : undefined;
}

describe('G9 Errors arrive whole', () => {
  it('an error keeps its name, message and own properties', async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(executor.tasks.failHttp());
    expect({ ...error }).toEqual({ status: 503, headers: { 'retry-after': '3' } });
    expect(error.name).toBe('HttpError');
    expect(error.message).toBe('Service Unavailable');
    expect(String(error)).toBe('HttpError: Service Unavailable');
    expect(types.isNativeError(error)).toBe(true);
  });

  it('an error is an instance of its class if errorClasses contains the class', async () => {
    class HttpError extends Error {
      readonly status: number = 0;
    }
    await using executor = open('errors.js', { errorClasses: [HttpError] });
    const error = await reasonOf(executor.tasks.failHttp());
    expect(error).toBeInstanceOf(HttpError);
    expect(error.status).toBe(503);
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  it('the cause of an error keeps its class', async () => {
    await using executor = open('errors.js');
    const { cause } = await reasonOf(executor.tasks.failHttp());
    expect(cause).toBeInstanceOf(RangeError);
    expect(cause.message).toBe('socket 7 hung up');
  });

  it("a printed error shows the worker's stack", async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(executor.tasks.failHttp());
    expect(error.stack).toMatch(/failHttp.*errors\.js/);
    expect(inspect(error)).toMatch(/failHttp.*errors\.js/);
  });

  it.each(['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'] as const)(
    'an error of class %s keeps its class',
    async (name) => {
      await using executor = open('errors.js');
      const error = await reasonOf(executor.tasks.failBuiltIn(name));
      expect(error).toBeInstanceOf(globalThis[name]);
      expect(error.name).toBe(name);
    },
  );

  it('an AggregateError keeps its errors, whatever they are', async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(executor.tasks.failAggregate());
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toHaveLength(3);
    expect(error.errors[0]).toBeInstanceOf(TypeError);
    expect(error.errors[1]).toBe('second');
    expect(error.errors[2]).toMatchObject({ name: 'HttpError', status: 404 });
  });

  it('a DOMException keeps its name and message', async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(executor.tasks.failDom());
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'took too long' });
    expect(error).toBeInstanceOf(Error);
  });

  it('an error of Node keeps its code', async () => {
    await using executor = open('errors.js');
    expect(await reasonOf(executor.tasks.failNode())).toMatchObject({ code: 'ENOENT', errno: -2 });
    const real = executor.submit(() => process.chdir('/this/folder/is/not/there'));
    // process.chdir does not work on workers and throws an error with a code.
    expect(await reasonOf(real)).toMatchObject({ code: 'ERR_WORKER_UNSUPPORTED_OPERATION' });
  });

  it("a property that can't be cloned is replaced, and the rest of the error is kept", async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(executor.tasks.failWithSocket());
    expect(error).toMatchObject({ message: 'with baggage', port: 80 });
    expect(String(error.close)).toContain('function');
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['0', 0],
    ['an empty string', ''],
    ['false', false],
    ['NaN', Number.NaN],
    ['a string', 'just text'],
    ['a plain object', { code: 7, deep: { er: true } }],
  ])('%s, thrown or used as a rejection, arrives unchanged', async (_, value) => {
    await using executor = open('errors.js');
    expect(await reasonOf(executor.tasks.throwValue(value))).toEqual(value);
    expect(await reasonOf(executor.tasks.rejectWith(value))).toEqual(value);
  });

  it("a thrown value that can't be cloned becomes a SerializationError", async () => {
    await using executor = open('errors.js');
    expect(await reasonOf(executor.tasks.throwFunction())).toBeInstanceOf(SerializationError);
  });

  it('an error that is its own cause arrives', async () => {
    await using executor = open('errors.js');
    const error = await reasonOf(
      executor.submit(() => {
        const circular = new Error('round and round');
        circular.cause = circular;
        throw circular;
      }),
    );
    expect(error.message).toBe('round and round');
    // The cycle itself, or a note in its place.
    expect(error.cause === error || String(error.cause).includes('circular')).toBe(true);
  });

  it('await rejects with the same object as the reason of the outcome', async () => {
    await using executor = open('errors.js');
    const future = executor.tasks.fail('once');
    const thrown = await future.catch((error: unknown) => error);
    expect(await reasonOf(future)).toBe(thrown);
  });
});

describe('G9 Errors arrive whole: an error inside another one', () => {
  it('an inner error keeps its class in a property, in a SuppressedError and in its substitute on older Nodes', async () => {
    await using executor = open('errors.js');
    const fail = () => {
      throw Object.assign(new Error('outer'), {
        name: 'SuppressedError',
        error: new RangeError('a'),
        suppressed: new TypeError('b'),
      });
    };
    const { reason } = (await executor.submit(fail).settled()) as { reason: any };
    expect(reason.error).toBeInstanceOf(RangeError);
    expect(reason.suppressed).toBeInstanceOf(TypeError);
    const native = new Function(
      'throw typeof SuppressedError === "undefined" ? Object.assign(new Error("x"), { error: new RangeError("a"), suppressed: 1 }) : new SuppressedError(new RangeError("a"), 1, "x")',
    );
    const outcome = (await executor.submit(native as () => never).settled()) as { reason: any };
    expect([outcome.reason.error.name, outcome.reason.suppressed, outcome.reason.message]).toEqual([
      'RangeError',
      1,
      'x',
    ]);
    const { SuppressedError } = globalThis as unknown as { SuppressedError?: new () => Error };
    if (SuppressedError !== undefined) expect(outcome.reason).toBeInstanceOf(SuppressedError);
  });
});
