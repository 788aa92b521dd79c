/** The groups of tasks that are read as one stream, while they run and for some time after. */
import type { GroupRow } from './frames.js';
import { type Group, watchGroups } from './groups.js';

/** Groups that are kept. A group that has ended is forgotten first. */
const MAX_GROUPS = 40;

export class GroupList {
  readonly #groups = new Set<Group>();
  readonly #unwatch = watchGroups((group) => this.#opened(group));

  /** Returns the groups, the newest first. */
  rows(): GroupRow[] {
    return [...this.#groups].reverse().map((group) => ({ ...group }));
  }

  dispose(): void {
    this.#unwatch();
    this.#groups.clear();
  }

  #opened(group: Group): void {
    this.#groups.add(group);
    if (this.#groups.size <= MAX_GROUPS) return;
    const ended = [...this.#groups].find(({ end }) => end !== undefined);
    this.#groups.delete(ended ?? this.#groups.values().next().value!);
  }
}
