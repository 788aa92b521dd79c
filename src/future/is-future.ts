/**
 * Checks whether a value is a Future. The check is apart from the class, so that modules which the
 * class imports can use it.
 */
import { Observable } from 'rxjs';
import type { Future } from './future.js';

export function isFuture(value: unknown): value is Future<any> {
  try {
    return value instanceof Observable && (value as Partial<Future<any>>)._producer !== undefined;
  } catch {
    // A revoked Proxy throws whenever its prototype is read.
    return false;
  }
}
