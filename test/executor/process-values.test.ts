/**
 * Values that are sent to and from child processes. Some arrive unchanged, some arrive as a copy,
 * and some are refused.
 */
import { createSecretKey } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Executor, SerializationError } from 'rx-futures';
import { afterAll, describe, expect, it } from 'vitest';

const executor = new Executor({ maxWorkers: 1, runtime: 'child_process', onUnobservedError() {} });
afterAll(() => executor.terminate());

/** Offset and size of a view in its buffer, and the size of that buffer. */
const hiddenClass = (view: ArrayBufferView) => [view.byteOffset, view.byteLength, view.buffer.byteLength];
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

describe('a view of bytes', () => {
  it.each<[string, ArrayBufferView]>([
    ['a Uint8Array', new Uint8Array([7, 8, 9])],
    ['a part of a buffer', new Uint8Array(new ArrayBuffer(100), 50, 3)],
    ['a small Buffer', Buffer.from('abc')],
    ['a Float64Array', new Float64Array([1.5])],
    ['a BigInt64Array', new BigInt64Array([1n])],
    ['a DataView', new DataView(new ArrayBuffer(64), 8, 4)],
  ])('a view has its own buffer on both sides: %s', async (_name, view) => {
    const there = (value: { view: ArrayBufferView }) => ({
      hiddenClass: [value.view.byteOffset, value.view.byteLength, value.view.buffer.byteLength],
      back: value.view,
    });
    const { hiddenClass: inTask, back } = await executor.submit(there, { view });
    expect(inTask).toEqual([0, view.byteLength, view.byteLength]);
    expect(hiddenClass(back)).toEqual([0, view.byteLength, view.byteLength]);
    const bytes = (of: ArrayBufferView) => [...new Uint8Array(of.buffer, of.byteOffset, of.byteLength)];
    expect(bytes(back)).toEqual(bytes(view));
  });

  it('a view has its own buffer in errors, in progress, in streams and in initArgs', async () => {
    const { reason } = (await executor
      .submit(() => {
        throw Object.assign(new Error('x'), { bytes: new Uint8Array(3) });
      })
      .settled()) as { reason: { bytes: Uint8Array } };
    expect(hiddenClass(reason.bytes)).toEqual([0, 3, 3]);
    for await (const bytes of executor.stream(function* () {
      yield new Uint8Array(5);
    })) {
      expect(hiddenClass(bytes)).toEqual([0, 5, 5]);
    }
    const tasks = new URL('../fixtures/process-values.js', import.meta.url);
    await using other = new Executor<typeof import('../fixtures/process-values.js')>({
      tasks,
      maxWorkers: 1,
      runtime: 'child_process',
      initializer: 'keep',
      initArgs: [new Uint8Array(4)],
    });
    const future = other.tasks.layoutOfKept();
    const seen: unknown[] = [];
    future.progress.subscribe((bytes) => seen.push(hiddenClass(bytes as Uint8Array)));
    expect(await future).toEqual([0, 4, 4]);
    expect(seen).toEqual([[0, 6, 6]]);
  });
});

describe('shared memory', () => {
  it('shared memory is copied, and all views of it share the copy', async () => {
    const memory = new SharedArrayBuffer(16);
    const [bytes, numbers] = [new Uint8Array(memory, 4, 4), new Int32Array(memory)];
    numbers[1] = 5;
    const change = (value: { memory: SharedArrayBuffer; bytes: Uint8Array; numbers: Int32Array }) => {
      value.bytes[0] = 6;
      const isShared = value.bytes.buffer === value.memory && value.numbers.buffer === value.memory;
      return { ...value, seen: value.numbers[1], isShared, kind: Object.prototype.toString.call(value.memory) };
    };
    const result = await executor.submit(change, { memory, bytes, numbers });
    expect(result).toMatchObject({ seen: 6, isShared: true, kind: '[object SharedArrayBuffer]' });
    expect(result.bytes.buffer).toBe(result.memory);
    expect([result.bytes[0], result.bytes.byteOffset, result.bytes.length]).toEqual([6, 4, 4]);
    expect(numbers[1]).toBe(5);
  });
});

describe('a handle of a process', () => {
  const key = createSecretKey(Buffer.alloc(16));
  const file = () => openFile(fileURLToPath(import.meta.url));
  it.each<[string, () => unknown]>([
    ['a Blob', () => new Blob(['x'])],
    ['a KeyObject', () => key],
    ['a CryptoKey', () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])],
    ['a WebAssembly.Module', () => new (globalThis as any).WebAssembly.Module(wasm)],
    ['a MessagePort', () => new MessageChannel().port1],
    ['a FileHandle', file],
  ])(
    'an argument with a handle rejects the future with its path, and its worker has no task: %s',
    async (_name, make) => {
      const value = await make();
      await executor.submit((x) => x, 1);
      const { reason } = (await executor.submit((x) => x, { inner: [value] }).settled()) as { reason: unknown };
      expect(reason).toBeInstanceOf(SerializationError);
      expect(reason).toMatchObject({ path: 'arguments[0].inner[0]' });
      expect(executor.stats()).toMatchObject({ pending: 0, queued: 0, workers: { busy: 0 } });
      expect(await executor.submit((x) => x, 2)).toBe(2);
      if ('close' in (value as object)) await (value as { close(): unknown }).close();
    },
  );

  it.each<[string, string]>([
    ['a Blob', "new Blob(['x'])"],
    ['a File', "new (await import('node:buffer')).File(['x'], 'y')"],
    ['a KeyObject', "(await import('node:crypto')).createSecretKey(Buffer.alloc(16))"],
    ['a WebAssembly.Module', 'new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))'],
    ['a BlockList', "new (await import('node:net')).BlockList()"],
  ])('a result with a handle rejects the future with its path: %s', async (_name, made) => {
    const give = new Function(`return async () => ({ inner: ${made} })`)();
    const outcome = (await executor.submit(give).settled()) as { reason: unknown };
    expect(outcome.reason).toBeInstanceOf(SerializationError);
    expect(outcome.reason).toMatchObject({ path: 'result.inner' });
  });

  it("an instance of a user's class is not mistaken for a handle of the same name", async () => {
    const give = () => {
      class File {
        size = 3;
      }
      return new File();
    };
    expect(await executor.submit(give)).toEqual({ size: 3 });
  });

  it('the constructor throws for initArgs with a handle', () => {
    const options = { initializer: 'keep', runtime: 'child_process', tasks: 'data:text/javascript,' } as const;
    expect(() => new Executor({ ...options, initArgs: [{ key }] })).toThrow(/initArgs\[0\]\.key/);
  });
});

describe('a task that cannot be sent', () => {
  it('a task that cannot be sent frees its slot for the tasks behind it', async () => {
    await using own = new Executor({ maxWorkers: 1, runtime: 'child_process', onUnobservedError() {} });
    const values = [1, new Blob([]), new Blob([]), new Blob([]), 2];
    const outcomes = await Promise.all(values.map((value) => own.submit((x) => x, value).settled()));
    expect(outcomes.map(({ status }) => status).join()).toBe('fulfilled,rejected,rejected,rejected,fulfilled');
  });
});

describe('an error with a handle in a property', () => {
  it('an error with a handle arrives with its message, and names the property', async () => {
    const fail = () => {
      throw Object.assign(new RangeError('it failed'), { code: 7, value: new Blob([]) });
    };
    const { reason } = (await executor.submit(fail).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(RangeError);
    expect(reason).toMatchObject({
      message: 'it failed',
      code: 7,
      value: expect.stringMatching(/^\[not copied: value is a Blob/),
    });
  });

  it('a reason with a handle still cancels the task', async () => {
    const running = executor.submit(() => new Promise(() => {}));
    while (running.state !== 'running') await new Promise(setImmediate);
    expect(running.cancel(new Blob([]))).toBe(true);
  });
});
