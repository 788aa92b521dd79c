export function deliver(to: string): string {
  return `delivered to ${to}`;
}
