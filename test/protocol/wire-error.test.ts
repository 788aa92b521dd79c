import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import vm from 'node:vm';
import { CancelledError, SerializationError, TaskNotFoundError, TimeoutError, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { decodeError, encodeError } from '../../src/protocol/wire-error.js';

/** As it comes out on the other side of the wall. */
function send<T>(thrown: T): T {
  return decodeError(structuredClone(encodeError(thrown))) as T;
}

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
    expect(home).toMatchObject({ port: 80, socket: '[not copied: socket.on is the function on]' });
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
