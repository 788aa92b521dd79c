/** The bars of one subscription: one for all outcomes, or one for each group. */
import type { Outcome } from '../future/outcome.js';
import { ProgressCounter } from '../progress/counter.js';
import { display, type Open, type Shown } from './display.js';
import { plain } from './output.js';
import { type Ending, formatProgress, formatWithBar, join } from './text.js';

export interface Bar {
  readonly counter: ProgressCounter;
  readonly end: (ending: Ending) => void;
}

/** Opens a bar. */
export function openBar(open: Open, label: string, total: number | undefined): Bar {
  const counter = new ProgressCounter(total);
  return { counter, end: display(open, shownProgress(label, counter)) };
}

/** The bars of groups. The groups that `totals` names are shown from the start. */
export class Groups<T> {
  readonly #open: Open;
  readonly #label: string;
  readonly #groupBy: (outcome: Outcome<T>) => string;
  readonly #bars = new Map<string, Bar>();

  constructor(
    open: Open,
    label: string,
    groupBy: (outcome: Outcome<T>) => string,
    totals: Readonly<Record<string, number>>,
  ) {
    this.#open = open;
    this.#label = label;
    this.#groupBy = groupBy;
    for (const [group, total] of Object.entries(totals)) this.#add(group, total);
  }

  count(outcome: Outcome<T>): void {
    const group = String(this.#groupBy(outcome));
    const bar = this.#bars.get(group) ?? this.#add(group, undefined);
    bar.counter.count(outcome);
  }

  end(ending: Ending): void {
    for (const bar of this.#bars.values()) bar.end(ending);
  }

  #add(group: string, total: number | undefined): Bar {
    const bar = openBar(this.#open, join(this.#label, plain(group)), total);
    this.#bars.set(group, bar);
    return bar;
  }
}

function shownProgress(label: string, counter: ProgressCounter): Shown {
  return {
    line: (width, draw, ending) => formatWithBar({ label, snapshot: counter.snapshot(), ending }, width, draw),
    text: (ending) => join(label, formatProgress(counter.snapshot(), ending).trimStart()),
    version: () => counter.snapshot().done,
  };
}
