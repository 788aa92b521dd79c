import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import vm from 'node:vm';
import { CancelledError, SerializationError, TaskNotFoundError, TimeoutError, WorkerDiedError } from 'rx-futures';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError, encodeError, type WireError } from '../../src/protocol/wire-error.js';

/** As it comes out on the other side of the wall. */
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

  it('has the same frames on the wire if Error.prepareStackTrace returns call sites', () => {
    const error = new RangeError('lost');
    Error.prepareStackTrace = (_, sites) => sites;
    const wire = encodeError(error) as WireError & { type: 'error' };
    Error.prepareStackTrace = prepareStackTrace;
    expect(wire.stack).toMatch(/^RangeError: lost\n {4}at .*wire-error\.test\.ts:\d+:\d+/);
  });

  it('has its name and message for a stack if Error.prepareStackTrace throws, on either side', () => {
    const error = new RangeError('lost');
    Error.prepareStackTrace = throws('hook');
    const home = decodeError(structuredClone(encodeError(error))) as Error;
    const { stack } = home;
    Error.prepareStackTrace = prepareStackTrace;
    expect([stack, home instanceof RangeError]).toEqual(['RangeError: lost', true]);
  });

  it.each(['name', 'message', 'stack', 'cause', 'errors', 'code'])('arrives if its %s throws', (key) => {
    const error = Object.defineProperty(new RangeError('lost'), key, { get: throws('getter'), enumerable: true });
    expect(send(error)).toBeInstanceOf(RangeError);
  });

  it.each(['name', 'message', 'stack'])('arrives with a text if its %s is no string', (key) => {
    for (const value of [7, null, Symbol('s'), {}, Object.create(null)]) {
      const home = send(Object.defineProperty(new RangeError('lost'), key, { value }));
      expect([home.name, home.message, home.stack].map((text) => typeof text)).toEqual(['string', 'string', 'string']);
    }
  });

  it('arrives if it is frozen', () => {
    expect(send(Object.freeze(new RangeError('lost')))).toMatchObject({ name: 'RangeError', message: 'lost' });
  });

  it('is a SerializationError that says so if it is a proxy whose traps throw', () => {
    const proxy = new Proxy(new RangeError('lost'), { has: throws('trap'), ownKeys: throws('trap') });
    expect(send<unknown>(proxy)).toBeInstanceOf(SerializationError);
    expect(String(send(proxy))).toMatch(/error throws when it is read \(trap\)/);
  });

  it("arrives as the program's own class, whose name needs a property that comes last", () => {
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
    'keeps its class where it is built in: %o',
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

  it('keeps its class where the engine threw it', () => {
    expect(send(caught(() => (null as unknown as { x: 1 }).x))).toBeInstanceOf(TypeError);
    expect(send(caught(() => new Array(-1)))).toBeInstanceOf(RangeError);
  });

  it('keeps its class where it comes from another realm', () => {
    expect(send(vm.runInNewContext('new RangeError("lost")'))).toBeInstanceOf(RangeError);
  });

  it('keeps its class where it is one of ours', () => {
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

  it('keeps the name and the properties of a class that the other side has not', () => {
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

  it('does not become one of ours by having the name of one', () => {
    const Theirs = { TimeoutError: class extends Error {} }.TimeoutError;
    Object.defineProperty(Theirs, 'name', { value: 'TimeoutError' });
    const home = send(Object.assign(new Theirs('theirs'), { name: 'TimeoutError' }));
    expect(home).toMatchObject({ name: 'TimeoutError', message: 'theirs' });
    expect(home).not.toBeInstanceOf(TimeoutError);
  });

  it('keeps the fields of a system error', async () => {
    const error = await readFile('no such file').catch((reason: NodeJS.ErrnoException) => reason);
    const home = send(error) as NodeJS.ErrnoException;
    expect(home).toMatchObject({ code: 'ENOENT', errno: expect.any(Number), syscall: 'open', path: 'no such file' });
  });

  it('keeps a DOMException with its class, name and code', () => {
    const home = send(new DOMException('gone', 'AbortError'));
    expect(home).toBeInstanceOf(DOMException);
    expect([home.name, home.message, home.code]).toEqual(['AbortError', 'gone', 20]);
  });

  it('keeps causes, to the first of them, whatever they are', () => {
    const home = send(new Error('top', { cause: new RangeError('middle', { cause: { plain: 'data' } }) }));
    expect(home.cause).toBeInstanceOf(RangeError);
    expect((home.cause as Error).cause).toEqual({ plain: 'data' });
    expect(Object.keys(home)).toEqual([]);
    for (const cause of [undefined, null, 0]) expect(send(new Error('x', { cause }))).toHaveProperty('cause', cause);
    expect('cause' in send(new Error('x'))).toBe(false);
  });

  it('keeps the errors of an AggregateError', () => {
    const home = send(new AggregateError([new TypeError('first'), 'second', null], 'all failed'));
    expect(home).toBeInstanceOf(AggregateError);
    expect(home.errors[0]).toBeInstanceOf(TypeError);
    expect(home.errors.slice(1)).toEqual(['second', null]);
    expect([home.message, Object.keys(home)]).toEqual(['all failed', []]);
  });

  it('names in its place what cannot be copied of its properties, and keeps the others', () => {
    const home = send(Object.assign(new Error('lost'), { socket: { on: () => {} }, port: 80 }));
    expect(home).toMatchObject({ port: 80, socket: '[not copied: socket.on is the function "on"]' });
  });
});

describe('anything else that was thrown', () => {
  it.each([null, undefined, 0, '', false, Number.NaN, 5n, 'text', { plain: ['data'] }, new Map([[1, 2]])])(
    'comes home as it is: %o',
    (thrown) => {
      expect(send(thrown)).toEqual(thrown);
    },
  );

  it.each([Symbol('s'), () => {}, { on: () => {} }, Promise.resolve(1)])(
    'becomes a SerializationError where it cannot: %o',
    (thrown) => {
      const home = send<unknown>(thrown);
      expect(home).toBeInstanceOf(SerializationError);
      expect((home as Error).message).toMatch(
        /^error.* is .*, which can't be copied between threads\. Send plain data/,
      );
    },
  );
});

describe('an error that goes round in circles', () => {
  it('is cut where its causes do', () => {
    const error: Error = new Error('round');
    error.cause = new Error('and round', { cause: error });
    const home = send(error);
    expect((home.cause as Error).message).toBe('and round');
  });

  it('is sent where its properties do', () => {
    const error: Error & { self?: unknown } = new Error('round');
    error.self = error;
    expect(send(error).self).toMatchObject({ message: 'round' });
  });

  it('costs no more than there is to it where an AggregateError is the cause of its own errors', () => {
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
  ])('with %s comes home as an error, whatever is left of it', (_name, make) => {
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
