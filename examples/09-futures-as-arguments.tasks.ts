/** The tasks of example 09: one looks up a price, one adds two prices. */
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Returns a price in cents, after 50 ms. */
export async function priceOf(item: string): Promise<number> {
  await sleep(50);
  const price = { apple: 30, bread: 250 }[item];
  if (price === undefined) throw new RangeError(`no ${item} today`);
  return price;
}

export function add(a: number, b: number): number {
  return a + b;
}
