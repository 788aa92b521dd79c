/** `transfer` where it can't be done as asked: the future is rejected, and nothing is lost but that. */
import { chain, SerializationError, transfer } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

describe('transfer() inside a larger value', () => {
  it('of an argument: the future is rejected, and nothing was moved', async () => {
    await using executor = open('values.js');
    const bytes = new Uint8Array([1, 2, 3]);
    const future = executor.submit('echo', { bytes: transfer(bytes) });
    await expect(future).rejects.toMatchObject({ name: 'SerializationError', path: 'arguments[0].bytes' });
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect(await executor.tasks.sum(transfer(bytes))).toBe(6);
  });

  it('of a result: the future is rejected, and the worker goes on', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { echo, giveNestedTransfer, makeObject } = executor.tasks;
    const before = await makeObject();
    const futures = [echo('before'), giveNestedTransfer(), echo('after')] as const;
    const reason = await futures[1].catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason).toMatchObject({ path: 'result.bytes', message: expect.stringContaining('mark the whole') });
    expect([await futures[0], await futures[2]]).toEqual(['before', 'after']);
    expect(await makeObject()).toEqual(before);
  });

  it('of a result that goes on to another step: only its own future is rejected', async () => {
    await using executor = open('values.js');
    const { giveNestedTransfer, typeOfThis } = executor.tasks;
    const head = giveNestedTransfer();
    expect(await head.pipe(chain(typeOfThis))).toBe('undefined');
    await expect(head).rejects.toMatchObject({ name: 'SerializationError', path: 'result.bytes' });
  });
});

describe('a buffer that was transferred before', () => {
  it.each([
    ['transferred once more', (bytes: Uint8Array) => transfer(bytes)],
    ['passed as it is', (bytes: Uint8Array) => bytes],
  ])('and is %s: the future is rejected, saying that it is empty here', async (_, again) => {
    await using executor = open('values.js');
    const { sum } = executor.tasks;
    const bytes = new Uint8Array([1, 2, 3]);
    const first = sum(transfer(bytes));
    const { reason } = (await sum(again(bytes)).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason).toMatchObject({ path: 'arguments[0]', message: expect.stringContaining('was transferred before') });
    expect(await first).toBe(6);
    expect(await sum(new Uint8Array([4]))).toBe(4);
  });
});
