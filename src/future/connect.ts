/** A promise or an Observable as the work behind a future. */
import { show } from '../check.js';
import { adoptSource } from './adopt.js';
import type { Future } from './future.js';
import { DetachedOrigin } from './nobody.js';
import { deliver } from './settle.js';

/** @throws TypeError for what is neither a promise nor an Observable */
export function connect(source: unknown, make: (origin: DetachedOrigin) => Future<any>): Future<any> {
  const origin = new DetachedOrigin('Future.from');
  origin.hasStarted = true;
  const future = make(origin);
  const hasSettled = adoptSource(future, source, origin, true);
  if (hasSettled === undefined) {
    throw new TypeError(
      `Future.from(source): expected a promise, a Future or an Observable, got ${show(source)}. For a value there is Future.resolve.`,
    );
  }
  if (hasSettled) deliver(future);
  return future;
}
