/**
 * `transfer` that can't be done rejects a future and loses nothing else. The last part tests
 * transfers between the steps of a chain.
 */
import { chain, pipeline, recover, SerializationError, transfer } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

describe('transfer() inside a larger value', () => {
  it('transfer() inside an argument rejects the future, and nothing is moved', async () => {
    await using executor = open('values.js');
    const bytes = new Uint8Array([1, 2, 3]);
    const future = executor.submit('echo', { bytes: transfer(bytes) });
    await expect(future).rejects.toMatchObject({ name: 'SerializationError', path: 'arguments[0].bytes' });
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect(await executor.tasks.sum(transfer(bytes))).toBe(6);
  });

  it('transfer() inside a result rejects the future, and the worker continues', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { echo, giveNestedTransfer, makeObject } = executor.tasks;
    const before = await makeObject();
    const futures = [echo('before'), giveNestedTransfer(), echo('after')] as const;
    const reason = await futures[1].catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason).toMatchObject({ path: 'result.bytes', message: expect.stringContaining('Mark the whole value') });
    expect([await futures[0], await futures[2]]).toEqual(['before', 'after']);
    expect(await makeObject()).toEqual(before);
  });

  it('transfer() inside a result that a step receives rejects only its own future', async () => {
    await using executor = open('values.js');
    const { giveNestedTransfer, typeOfThis } = executor.tasks;
    const head = giveNestedTransfer();
    expect(await head.pipe(chain(typeOfThis))).toBe('undefined');
    await expect(head).rejects.toMatchObject({ name: 'SerializationError', path: 'result.bytes' });
  });
});

describe('a buffer that was transferred before', () => {
  const gone = (path: string) => ({
    path,
    message: expect.stringMatching(/was transferred before, so it is empty here/),
  });

  it.each<[string, (bytes: Uint8Array) => unknown, (bytes: Uint8Array) => unknown, string]>([
    ['a view, once more', (b) => transfer(b), (b) => transfer(b), 'arguments[0]'],
    ['a view, as it is', (b) => transfer(b), (b) => b, 'arguments[0]'],
    ['itself, once more', (b) => transfer(b.buffer), (b) => transfer(b.buffer), 'arguments[0]'],
    ['itself, as it is', (b) => transfer(b.buffer), (b) => b.buffer, 'arguments[0]'],
    ['part of an object, once more', (b) => transfer(b), (b) => transfer({ b: b.buffer }), 'arguments[0].b'],
    ['part of an object, as it is', (b) => transfer(b), (b) => ({ list: [b] }), 'arguments[0].list[0]'],
  ])(
    'a transferred buffer as an argument (%s) rejects the future, and the error says that it is empty here',
    async (_, first, again, path) => {
      await using executor = open('values.js');
      const { echo, sum } = executor.tasks;
      const bytes = new Uint8Array([1, 2, 3]);
      const arrived = echo(first(bytes));
      const { reason } = (await echo(again(bytes)).settled()) as { reason: any };
      expect(reason).toBeInstanceOf(SerializationError);
      expect(reason).toMatchObject(gone(path));
      expect([...new Uint8Array((await arrived) as ArrayBuffer)]).toEqual([1, 2, 3]);
      expect(await sum(new Uint8Array([4]))).toBe(4);
    },
  );

  it('a transferred buffer as a result rejects only its own future, and other results of its message arrive', async () => {
    await using executor = open('moving.js', { maxWorkers: 1 });
    const { giveKept, echo } = executor.tasks;
    // After 100 runs the task is known to be quick, and its results share a message.
    for (let i = 0; i < 100; i++) await echo(i);
    const good = Array.from({ length: 100 }, (_, i) => echo(i));
    const [first, second] = [giveKept(), giveKept()];
    good.push(...Array.from({ length: 100 }, (_, i) => echo(100 + i)));
    expect(await Promise.all(good)).toEqual(good.map((_, i) => i));
    expect(await first).toEqual(new Uint8Array([1, 2, 3]));
    await expect(second).rejects.toMatchObject(gone('result'));
    await expect(giveKept()).rejects.toBeInstanceOf(SerializationError);
  });

  it('a transferred buffer as a value fails the stream, after the values before it', async () => {
    await using executor = open('moving.js', { maxWorkers: 1 });
    const values: unknown[] = [];
    const read = async () => {
      for await (const value of executor.tasks.streamKept.stream()) values.push(value);
    };
    await expect(read()).rejects.toMatchObject(gone('value'));
    expect(values).toEqual([new Uint8Array([1, 2, 3])]);
  });
});

describe("transfer() of a value that can't be moved", () => {
  const port = () => new MessageChannel().port1;

  it.each<[string, () => unknown, path: string, message: RegExp]>([
    [
      'a function beside a port',
      () => transfer({ port: port(), fn() {} }),
      'arguments[0].fn',
      /is the function "fn", which can't/,
    ],
    [
      'a port that is not named',
      () => transfer({ a: port(), deep: { b: port() } }),
      'arguments[0].deep.b',
      /is a MessagePort, which can be moved/,
    ],
    [
      'a port without the mark',
      () => ({ port: port() }),
      'arguments[0].port',
      /is a MessagePort, .* Mark the whole value with transfer\(\)/,
    ],
    ['a stream that is read', () => transfer(locked()), 'arguments[0]', /can't be moved: .*locked/],
    ['an object of no use', () => transfer({ a: 1 }, [{} as never]), 'arguments[0]', /can't be moved: .*invalid/],
  ])(
    "a value that can't be moved (%s) rejects the future, and the error names the part at fault",
    async (_, make, path, message) => {
      // biome-ignore format: one case a line
      await using executor = open('values.js');
      const { reason } = (await executor.tasks.echo(make()).settled()) as { reason: any };
      expect(reason).toBeInstanceOf(SerializationError);
      expect(reason.path).toBe(path);
      expect(reason.message).toMatch(message);
    },
  );

  it('a port that was moved before rejects the future, and the error says so', async () => {
    await using executor = open('values.js');
    const moved = port();
    await executor.tasks.typeOfThis(transfer({ moved }));
    const { reason } = (await executor.tasks.echo(transfer({ moved })).settled()) as { reason: any };
    expect(reason).toMatchObject({
      path: 'arguments[0]',
      message: expect.stringMatching(/can't be moved: .*detached/),
    });
  });
});

describe('a step that returns transfer(x)', () => {
  const makeBytes = (length: number) => transfer(new Uint8Array(length).fill(7));
  const makeBytesLater = async (length: number) => makeBytes(length);

  it('the next step receives x, whether it runs in the same job, in the next job or on this thread', async () => {
    await using executor = open('values.js');
    const { makeBytes: make, makeBytesLater: makeLater, sum } = executor.tasks;
    const chains = [
      make(3).pipe(chain(sum)),
      makeLater(3).pipe(chain(sum)),
      pipeline(make, sum)(3),
      pipeline(makeLater, sum)(3),
      executor.submit(() => 3).pipe(chain(make), chain(sum)),
      make(3).pipe(chain(sum.with({ timeout: 60_000 }))),
      executor.submit(() => 3).pipe(chain(makeBytes), chain(sum)),
      make(3).pipe(chain((bytes: Uint8Array) => bytes.reduce((a, b) => a + b))),
    ];
    expect(await Promise.all(chains)).toEqual(chains.map(() => 21));
  });

  it('the last future of a chain resolves with x', async () => {
    await using executor = open('values.js');
    const { makeBytes: make } = executor.tasks;
    const bytes = new Uint8Array(3).fill(7);
    expect(await executor.submit(() => 3).pipe(chain(make))).toEqual(bytes);
    expect(await executor.submit(() => 3).pipe(chain(makeBytes))).toEqual(bytes);
    expect(await executor.submit(() => 3).pipe(chain(makeBytesLater))).toEqual(bytes);
    expect(await executor.submit('giveNestedFunction').pipe(recover(() => makeBytes(3)))).toEqual(bytes);
  });

  it('the future of the step resolves with x, even if another step received x', async () => {
    await using executor = open('values.js');
    const head = executor.tasks.makeBytes(3);
    expect(await head.pipe(chain(executor.tasks.sum))).toBe(21);
    expect(await head).toEqual(new Uint8Array(3).fill(7));
  });
});

/** Returns a stream with a reader, which can't be moved. */
function locked(): ReadableStream {
  const stream = new ReadableStream();
  stream.getReader();
  return stream;
}
