/**
 * G12 A task sees the arguments that were submitted: moved values, values of other realms, values
 * beside futures, and values between steps.
 */
import { open as openFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { chain, Deferred, Executor, Future, SerializationError, transfer } from 'rx-futures';
import { afterAll, describe, expect, it } from 'vitest';

const executor = new Executor({ maxWorkers: 1, onUnobservedError() {} });
afterAll(() => executor.terminate());

describe('G12 A task sees the arguments that were submitted: transfer()', () => {
  it('transfer() moves a value at submit even if another argument is a Future', async () => {
    const bytes = new Uint8Array(100_000).fill(1);
    const later = new Deferred<number>();
    const sum = executor.submit(
      (moved: Uint8Array, factor: number) => moved[99_999]! * factor,
      transfer(bytes),
      later.future,
    );
    expect(bytes.byteLength).toBe(0);
    later.resolve(5);
    expect(await sum).toBe(5);
  });

  it('transfer() moves a value only to the first reader of a stream, even if another argument is a Future', async () => {
    const give = function* (bytes: Uint8Array, times: number) {
      yield bytes.length * times;
    };
    const stream = executor.stream(give, transfer(new Uint8Array(8)), Future.resolve(2));
    const read = async () => {
      for await (const value of stream) return value;
    };
    expect(await read()).toBe(16);
    await expect(read()).rejects.toThrow('moved by transfer()');
  });

  it("transfer() copies a small Buffer, because Node's shared buffer pool must not be moved", async () => {
    const text = Buffer.from('hello');
    expect(await executor.submit((bytes) => bytes.length, transfer(text))).toBe(5);
    expect(await executor.submit(({ text }) => text.length, transfer({ text }))).toBe(5);
    expect(text.toString()).toBe('hello');
  });

  it('transfer() moves a FileHandle', async () => {
    const handle = await openFile(fileURLToPath(import.meta.url));
    const readIt = async (file: typeof handle) => {
      const text = await file.readFile('utf8');
      await file.close();
      return text.length;
    };
    const length = await executor.submit(readIt, transfer(handle));
    expect(length).toBe((await readFile(fileURLToPath(import.meta.url), 'utf8')).length);
    expect(handle.fd).toBe(-1);
    const other = await openFile(fileURLToPath(import.meta.url));
    await expect(executor.submit((file) => file, other)).rejects.toThrow('which can be moved, but not copied');
    await other.close();
  });

  it('transfer() moves an ArrayBuffer of another realm', async () => {
    const buffer = runInNewContext('new Uint8Array(1_000).fill(3).buffer') as ArrayBuffer;
    expect(await executor.submit((moved) => new Uint8Array(moved)[999], transfer(buffer))).toBe(3);
    expect(buffer.byteLength).toBe(0);
    const view = runInNewContext('new Uint8Array(1_000).fill(4)') as Uint8Array;
    expect(await executor.submit((copied) => copied[999], view)).toBe(4);
    expect(view.byteLength).toBe(1_000);
    expect(await executor.submit((moved) => moved[999], transfer(view))).toBe(4);
    expect(view.byteLength).toBe(0);
  });
});

describe('G12 A task sees the arguments that were submitted: an argument whose getter throws', () => {
  it('a getter that throws rejects the future with a SerializationError, whose cause is its error', async () => {
    const failure = new Error('from the getter');
    const value = {
      deep: {
        get wrong() {
          throw failure;
        },
      },
    };
    const outcome = await executor.submit((x) => x, value).settled();
    expect(outcome).toMatchObject({
      reason: { name: 'SerializationError', path: 'arguments[0].deep.wrong', cause: failure },
    });
    const result = await executor
      .submit(() => ({
        get wrong() {
          throw new RangeError('on the worker');
        },
      }))
      .settled();
    expect(result).toMatchObject({
      reason: { name: 'SerializationError', path: 'result.wrong', cause: { message: 'on the worker' } },
    });
    expect((result as { reason: Error }).reason.cause).toBeInstanceOf(RangeError);
  });

  it("the error for an argument names the part that can't be sent, even beside a Blob that was copied before", async () => {
    const blob = structuredClone(new Blob(['x']));
    const outcome = await executor.submit((x) => x, { blob, handler: () => 1 }).settled();
    expect(outcome).toMatchObject({ reason: { path: 'arguments[0].handler' } });
    expect((outcome as { reason: unknown }).reason).toBeInstanceOf(SerializationError);
  });
});

describe('G12 A task sees the arguments that were submitted: the value of a head', () => {
  const tasks = `data:text/javascript,
    export const make = () => ({ shared: new SharedArrayBuffer(4), n: 0 });
    export const bump = (made) => ++made.n;`;
  const chained = new Executor<{
    make(): { shared: SharedArrayBuffer; n: number };
    bump(made: { n: number }): number;
  }>({ tasks, maxWorkers: 1 });
  afterAll(() => chained.terminate());

  it('the value of a head does not change if the next step changes it, even if it contains shared memory', async () => {
    const { make, bump } = chained.tasks;
    for (let i = 0; i < 50; i++) {
      const head = make();
      expect(await head.pipe(chain(bump))).toBe(1);
      expect((await head).n).toBe(0);
    }
  });
});
