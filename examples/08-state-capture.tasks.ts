/** Two small tasks: one reads an object that the caller goes on changing. */
export function describe(order: { readonly item: string; readonly count: number }): string {
  return `${order.count} x ${order.item}`;
}

export function square(n: number): number {
  return n * n;
}
