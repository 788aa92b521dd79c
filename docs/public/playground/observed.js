// @ts-check
/** `rx-futures` in the playground. Each executor also sends its events to the page. */

import { Executor as Original } from './rx-futures/index.js';
import { send } from './send.js';

export * from './rx-futures/index.js';

export class Executor extends Original {
  constructor(/** @type {import('rx-futures').ExecutorOptions} */ options = {}) {
    super(options);
    this.events.subscribe((event) => send({ type: 'event', event: withText(event) }));
  }
}

/** An error may hold what a message can't carry. */
function withText(/** @type {import('rx-futures').ExecutorEvent} */ event) {
  return 'error' in event && event.error !== undefined ? { ...event, error: String(event.error) } : event;
}
