import { transfer } from 'rx-futures';
import { transfer as transferOnWorker } from 'rx-futures/worker';
import { expectTypeOf, test } from 'vitest';

test("transfer returns its value's type, so that it fits wherever the value does", () => {
  expectTypeOf(transfer(new Uint8Array(1))).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf(transferOnWorker({ pixels: new ArrayBuffer(1) })).toEqualTypeOf<{ pixels: ArrayBuffer }>();
  expectTypeOf(transfer({ pixels: new ArrayBuffer(1) })).not.toBeAny();
  expectTypeOf(transferOnWorker(new Uint8Array(1))).not.toBeAny();
  // @ts-expect-error: a number can't be moved
  transfer({ n: 1 }, [1]);
  // @ts-expect-error: a number can't be moved from a worker either
  transferOnWorker({ n: 1 }, [1]);
  // @ts-expect-error: the list is an array
  transfer(new Uint8Array(1), new Uint8Array(1).buffer);
  // @ts-expect-error: there is no value to move
  transfer();
});
