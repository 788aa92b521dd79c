export function deliver(to) {
  return `delivered to ${to}`;
}
