/** The large numbers at the top of the page. */
import { h, setText } from './dom.js';
import { count, rate } from './format.js';
import type { SourceModel } from './model.js';

interface Tile {
  readonly title: string;
  readonly value: (model: SourceModel) => string;
  readonly note: (model: SourceModel) => string;
  /** True if the number is a reason to look closer. */
  readonly isBad?: (model: SourceModel) => boolean;
}

const countsOf = (model: SourceModel) => model.latest!.counts;

const TILES: readonly Tile[] = [
  {
    title: 'Throughput',
    value: (model) => rate(model.rate('done')),
    note: () => 'tasks per second',
  },
  {
    title: 'Queued',
    value: (model) => count(countsOf(model).queued),
    note: (model) => `${count(countsOf(model).pending)} pending`,
  },
  {
    title: 'Running',
    value: (model) => count(countsOf(model).running),
    note: (model) => workersOf(model),
  },
  {
    title: 'Fulfilled',
    value: (model) => count(countsOf(model).fulfilled),
    note: (model) => `of ${count(countsOf(model).submitted)} submitted`,
  },
  {
    title: 'Failed',
    value: (model) => count(countsOf(model).rejected),
    note: (model) => `${count(countsOf(model).retried)} retried`,
    isBad: (model) => countsOf(model).rejected > 0,
  },
  {
    title: 'Cancelled',
    value: (model) => count(countsOf(model).cancelled),
    note: (model) => lingeringOf(countsOf(model).lingering),
    isBad: (model) => countsOf(model).lingering > 0,
  },
];

function workersOf({ latest }: SourceModel): string {
  const workers = latest!.workers.length;
  return workers === 1 ? 'on 1 worker' : `on ${count(workers)} workers`;
}

function lingeringOf(lingering: number): string {
  return lingering === 0 ? 'none still runs' : `${count(lingering)} still running`;
}

export class Tiles {
  readonly #made = TILES.map((tile) => {
    const [value, note] = [h('dd', { class: 'big' }), h('dd', { class: 'note' })];
    return { tile, value, note, element: h('div', { class: 'tile' }, h('dt', {}, tile.title), value, note) };
  });
  readonly element = h('dl', { class: 'tiles' }, ...this.#made.map(({ element }) => element));

  show(model: SourceModel): void {
    for (const { tile, value, note } of this.#made) {
      setText(value, tile.value(model));
      setText(note, tile.note(model));
      value.classList.toggle('bad', tile.isBad?.(model) ?? false);
    }
  }
}
