import { transfer } from 'rx-futures';
import { transfer as transferOnWorker } from 'rx-futures/worker';
import { expectTypeOf, test } from 'vitest';

test("transfer returns its value's type, so that it fits wherever the value does", () => {
  expectTypeOf(transfer(new Uint8Array(1))).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf(transferOnWorker({ pixels: new ArrayBuffer(1) })).toEqualTypeOf<{ pixels: ArrayBuffer }>();
  // @ts-expect-error: a number can't be moved
  transfer({ n: 1 }, [1]);
});
