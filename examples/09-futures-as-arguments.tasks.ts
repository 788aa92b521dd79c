/** A shop that gives prices, and a sum. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The price in cents; the shop takes a moment. */
export async function priceOf(item: string): Promise<number> {
  await sleep(50);
  const price = { apple: 30, bread: 250 }[item];
  if (price === undefined) throw new RangeError(`no ${item} today`);
  return price;
}

export function add(a: number, b: number): number {
  return a + b;
}
