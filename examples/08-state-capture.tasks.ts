/** The tasks of example 08. `describe` reads an object that the caller changes after the submit. */
export function describe(order: { readonly item: string; readonly count: number }): string {
  return `${order.count} x ${order.item}`;
}

export function square(n: number): number {
  return n * n;
}
