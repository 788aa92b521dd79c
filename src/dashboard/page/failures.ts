/** The last failures, the newest first. Each opens to its stack. */
import type { FailureRow } from '../frames.js';
import { h } from './dom.js';
import { clock, count } from './format.js';
import { swatch } from './gantt/gantt.js';

export class Failures {
  readonly #list = h('div', { class: 'failures' });
  readonly #empty = h('p', { class: 'empty' }, 'No task has failed.');
  readonly element = h('div', {}, this.#empty, this.#list);
  readonly #shown = new Map<number, HTMLDetailsElement>();

  clear(): void {
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
  }

  show(failures: readonly FailureRow[]): void {
    this.#empty.hidden = failures.length > 0;
    const kept = new Set(failures.map(({ n }) => n));
    for (const [n, element] of this.#shown) {
      // The reader may be reading an open one.
      if (kept.has(n) || element.open) continue;
      element.remove();
      this.#shown.delete(n);
    }
    for (const failure of failures.toReversed()) {
      if (this.#shown.has(failure.n)) continue;
      const element = made(failure);
      this.#shown.set(failure.n, element);
      this.#list.prepend(element);
    }
  }
}

function made({ at, id, name, attempt, worker, title, stack, omitted }: FailureRow): HTMLDetailsElement {
  const where = [`#${id}`, ...(attempt > 1 ? [`run ${attempt}`] : []), ...(worker === undefined ? [] : [worker])];
  const summary = h(
    'summary',
    {},
    h('time', {}, clock(at)),
    h('span', { class: 'named' }, swatch(name), h('span', { class: 'name' }, name)),
    h('span', { class: 'where' }, where.join(' · ')),
    h('span', { class: 'title' }, title),
  );
  const more =
    omitted === 0 ? [] : [h('p', { class: 'note' }, `${count(omitted)} failures before this one are not listed.`)];
  return h('details', {}, summary, ...more, h('pre', { tabindex: 0 }, stack ?? 'There is no stack.'));
}
