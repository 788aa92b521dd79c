/** The producer of `Future.from`: a promise or an Observable as the source of a future. */
import { show } from '../util/validate.js';
import { adoptSource } from './adopt.js';
import { DetachedProducer } from './detached.js';
import type { Future } from './future.js';
import { deliver } from './settle.js';

/** @throws TypeError if `source` is neither a promise nor an Observable */
export function connect(source: unknown, make: (producer: DetachedProducer) => Future<any>): Future<any> {
  const producer = new DetachedProducer('Future.from');
  producer.hasStarted = true;
  const future = make(producer);
  const hasSettled = adoptSource(future, source, producer, true);
  if (hasSettled === undefined) {
    throw new TypeError(
      `Future.from(source): expected a promise, a Future or an Observable, got ${show(source)}. Use Future.resolve for a plain value.`,
    );
  }
  if (hasSettled) deliver(future);
  return future;
}
