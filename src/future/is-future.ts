/** Tells futures from other values. Apart from the class, so that what the class is made of can ask. */
import { Observable } from 'rxjs';
import type { Future } from './future.js';

export function isFuture(value: unknown): value is Future<any> {
  try {
    return value instanceof Observable && (value as Partial<Future<any>>)._producer !== undefined;
  } catch {
    // A revoked Proxy has no prototype.
    return false;
  }
}
