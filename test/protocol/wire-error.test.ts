import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import vm from 'node:vm';
import { CancelledError, SerializationError, TaskNotFoundError, TimeoutError, WorkerDiedError } from 'rx-futures';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError, encodeError, type WireError } from '../../src/protocol/wire-error.js';

/** Returns the value that the other side receives. */
function send<T>(thrown: T): T {
  return decodeError(structuredClone(encodeError(thrown))) as T;
}

const throws = (text: string) => () => {
  throw new Error(text);
};

describe('an error whose texts the program has changed', () => {
  const { prepareStackTrace } = Error;
  afterEach(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });

  it('an error keeps its frames if Error.prepareStackTrace returns call sites', () => {
    const error = new RangeError('lost');
    Error.prepareStackTrace = (_, sites) => sites;
    const wire = encodeError(error) as WireError & { type: 'error' };
    Error.prepareStackTrace = prepareStackTrace;
    expect(wire.stack).toMatch(/^RangeError: lost\n {4}at .*wire-error\.test\.ts:\d+:\d+/);
  });

  it('the stack of an error is its name and message if Error.prepareStackTrace throws on either side', () => {
    const error = new RangeError('lost');
    Error.prepareStackTrace = throws('hook');
    const home = decodeError(structuredClone(encodeError(error))) as Error;
    const { stack } = home;
    Error.prepareStackTrace = prepareStackTrace;
    expect([stack, home instanceof RangeError]).toEqual(['RangeError: lost', true]);
  });

  it.each(['name', 'message', 'stack', 'cause', 'errors', 'code'])('an error arrives if its %s throws', (key) => {
    const error = Object.defineProperty(new RangeError('lost'), key, { get: throws('getter'), enumerable: true });
    expect(send(error)).toBeInstanceOf(RangeError);
  });

  it.each(['name', 'message', 'stack'])('an error arrives with texts if its %s is not a string', (key) => {
    for (const value of [7, null, Symbol('s'), {}, Object.create(null)]) {
      const home = send(Object.defineProperty(new RangeError('lost'), key, { value }));
      expect([home.name, home.message, home.stack].map((text) => typeof text)).toEqual(['string', 'string', 'string']);
    }
  });

  it('a frozen error arrives with its name and message', () => {
    expect(send(Object.freeze(new RangeError('lost')))).toMatchObject({ name: 'RangeError', message: 'lost' });
  });

  it('a proxy whose traps throw arrives as a SerializationError that says so', () => {
    const proxy = new Proxy(new RangeError('lost'), { has: throws('trap'), ownKeys: throws('trap') });
    expect(send<unknown>(proxy)).toBeInstanceOf(SerializationError);
    expect(String(send(proxy))).toMatch(/error throws when it is read \(trap\)/);
  });

  it('an error arrives as a class of the program, even if its name needs a property that is set last', () => {
    class HttpError extends Error {
      declare response: { status: number };
      override get name(): string {
        return `Http${this.response.status}`;
      }
    }
    const error = Object.assign(new HttpError('gone'), { response: { status: 410 } });
    const home = decodeError(structuredClone(encodeError(error)), { HttpError }) as HttpError;
    expect([home instanceof HttpError, home.name, home.response]).toEqual([true, 'Http410', { status: 410 }]);
  });
});

describe('an error on the wire', () => {
  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    'a built-in error keeps its class: %o',
    (type) => {
      const error = new type('lost');
      const home = send(error);
      expect(Object.getPrototypeOf(home)).toBe(type.prototype);
      expect([home.name, home.message, home.stack, String(home)]).toEqual([
        error.name,
        'lost',
        error.stack,
        `${error.name}: lost`,
      ]);
      expect(isNativeError(home)).toBe(true);
      expect(Object.keys(home)).toEqual([]);
    },
  );

  it('an error that the engine threw keeps its class', () => {
    expect(send(caught(() => (null as unknown as { x: 1 }).x))).toBeInstanceOf(TypeError);
    expect(send(caught(() => new Array(-1)))).toBeInstanceOf(RangeError);
  });

  it('an error of another realm keeps its class', () => {
    expect(send(vm.runInNewContext('new RangeError("lost")'))).toBeInstanceOf(RangeError);
  });

  it('an error of the library keeps its class', () => {
    const errors = [
      new CancelledError('enough', { cause: 'why' }),
      new TimeoutError('late'),
      new WorkerDiedError('died', { workerName: 'executor-1', exitCode: 7 }),
      new SerializationError('not sent', { path: 'result.f' }),
      new TaskNotFoundError('not found', { module: 'tasks.js', task: 'x', exports: ['y'] }),
    ];
    for (const error of errors) {
      const home = send(error);
      expect(Object.getPrototypeOf(home)).toBe(Object.getPrototypeOf(error));
      expect({ ...home, name: home.name, cause: home.cause }).toEqual({
        ...error,
        name: error.name,
        cause: error.cause,
      });
    }
  });

  it('an error keeps its name and properties if the other side does not have its class', () => {
    class HttpError extends TypeError {
      override readonly name = 'HttpError';
      readonly headers = { retry: 5 };
      constructor(readonly status: number) {
        super(`HTTP ${status}`);
      }
    }
    const home = send(new HttpError(404));
    expect(home).toMatchObject({ name: 'HttpError', message: 'HTTP 404', status: 404, headers: { retry: 5 } });
    expect(home, 'the nearest class that is known').toBeInstanceOf(TypeError);
    expect(home.stack).toContain('HTTP 404');
  });

  it('an error does not become an error of the library because of its name', () => {
    const Theirs = { TimeoutError: class extends Error {} }.TimeoutError;
    Object.defineProperty(Theirs, 'name', { value: 'TimeoutError' });
    const home = send(Object.assign(new Theirs('theirs'), { name: 'TimeoutError' }));
    expect(home).toMatchObject({ name: 'TimeoutError', message: 'theirs' });
    expect(home).not.toBeInstanceOf(TimeoutError);
  });

  it('a system error keeps its fields', async () => {
    const error = await readFile('no such file').catch((reason: NodeJS.ErrnoException) => reason);
    const home = send(error) as NodeJS.ErrnoException;
    expect(home).toMatchObject({ code: 'ENOENT', errno: expect.any(Number), syscall: 'open', path: 'no such file' });
  });

  it('a DOMException keeps its class, name and code', () => {
    const home = send(new DOMException('gone', 'AbortError'));
    expect(home).toBeInstanceOf(DOMException);
    expect([home.name, home.message, home.code]).toEqual(['AbortError', 'gone', 20]);
  });

  it('an error keeps its whole chain of causes, whatever they are', () => {
    const home = send(new Error('top', { cause: new RangeError('middle', { cause: { plain: 'data' } }) }));
    expect(home.cause).toBeInstanceOf(RangeError);
    expect((home.cause as Error).cause).toEqual({ plain: 'data' });
    expect(Object.keys(home)).toEqual([]);
    for (const cause of [undefined, null, 0]) expect(send(new Error('x', { cause }))).toHaveProperty('cause', cause);
    expect('cause' in send(new Error('x'))).toBe(false);
  });

  it('an AggregateError keeps its errors', () => {
    const home = send(new AggregateError([new TypeError('first'), 'second', null], 'all failed'));
    expect(home).toBeInstanceOf(AggregateError);
    expect(home.errors[0]).toBeInstanceOf(TypeError);
    expect(home.errors.slice(1)).toEqual(['second', null]);
    expect([home.message, Object.keys(home)]).toEqual(['all failed', []]);
  });

  it('a property that cannot be copied is replaced by a description, and the others are kept', () => {
    const home = send(Object.assign(new Error('lost'), { socket: { on: () => {} }, port: 80 }));
    expect(home).toMatchObject({ port: 80, socket: '[not copied: socket.on is the function "on"]' });
  });
});

describe('a thrown value that is not an error', () => {
  it.each([null, undefined, 0, '', false, Number.NaN, 5n, 'text', { plain: ['data'] }, new Map([[1, 2]])])(
    'a value that can be copied arrives unchanged: %o',
    (thrown) => {
      expect(send(thrown)).toEqual(thrown);
    },
  );

  it.each([Symbol('s'), () => {}, { on: () => {} }, Promise.resolve(1)])(
    'a value that cannot be copied becomes a SerializationError: %o',
    (thrown) => {
      const home = send<unknown>(thrown);
      expect(home).toBeInstanceOf(SerializationError);
      expect((home as Error).message).toMatch(
        /^error.* is .*(, which can't be copied between threads\. Send plain data|\. Await it first)/,
      );
    },
  );
});

describe('an error that contains a cycle', () => {
  it('a cycle of causes is cut', () => {
    const error: Error = new Error('round');
    error.cause = new Error('and round', { cause: error });
    const home = send(error);
    expect((home.cause as Error).message).toBe('and round');
  });

  it('an error that is a property of itself arrives with that property', () => {
    const error: Error & { self?: unknown } = new Error('round');
    error.self = error;
    expect(send(error).self).toMatchObject({ message: 'round' });
  });

  it('an AggregateError that is the cause of its own errors has a bounded size', () => {
    const errors = Array.from({ length: 4 }, (_, i) => new Error(`part ${i}`));
    const whole = new AggregateError(errors, 'whole');
    for (const error of errors) error.cause = whole;
    expect(JSON.stringify(encodeError(whole)).length).toBeLessThan(100_000);
  });
});

describe('a hostile error', () => {
  const fault = () => {
    throw new Error('in the getter');
  };
  it.each<[string, () => unknown]>([
    ['a property that throws', () => Object.defineProperty(new Error('lost'), 'bad', { enumerable: true, get: fault })],
    ['a message that throws', () => Object.defineProperty(new Error(), 'message', { get: fault })],
    ['a stack that throws', () => Object.defineProperty(new Error('lost'), 'stack', { get: fault })],
    ['a cause that throws', () => Object.defineProperty(new Error('lost'), 'cause', { get: fault })],
    ['a name that is a symbol', () => Object.assign(new Error('lost'), { name: Symbol('name') })],
    [
      'a message that is an object without a string form',
      () => Object.assign(new Error(), { message: Object.create(null) }),
    ],
    ['a thrown object whose getter throws', () => Object.defineProperty({}, 'bad', { enumerable: true, get: fault })],
    [
      'a proxy whose traps throw',
      () => new Proxy(new Error('lost'), { get: fault, ownKeys: fault, getPrototypeOf: fault }),
    ],
  ])('a hostile error (%s) arrives as an error', (_name, make) => {
    expect(send(make())).toBeInstanceOf(Error);
  });
});

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
