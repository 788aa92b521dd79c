/** Records the notifications of an Observable as a list of strings: `['next 1', 'complete']`. */
import { inspect } from 'node:util';
import type { Observable } from 'rxjs';

export function collect(source: Observable<unknown>): string[] {
  const seen: string[] = [];
  source.subscribe({
    next: (value) => seen.push(`next ${show(value)}`),
    error: (error) => seen.push(`error ${show(error)}`),
    complete: () => seen.push('complete'),
  });
  return seen;
}

function show(value: unknown): string {
  return value instanceof Error
    ? `${value.name}: ${value.message}`
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
