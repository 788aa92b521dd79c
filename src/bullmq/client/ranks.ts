/**
 * Decides in which of BullMQ's two places a client adds its tasks (stored/ranking.ts). Tasks of the
 * same priority keep their order.
 *
 * The race: two adds are on their way, one without priorities and one with. If their order changed,
 * a task could overtake an older one of its level. A client that finds its queue ranked therefore
 * waits for its open adds before it adds more.
 */
import type { Ranking } from '../stored/ranking.js';

export class Ranks {
  readonly #ranking: Pick<Ranking, 'rank' | 'check'>;
  /** Adds that are not confirmed, each with the check behind it. */
  readonly #open = new Set<Promise<void>>();
  #isRanked = false;
  /** Resolves when `#isRanked` is right. Further adds wait for it. */
  #learning: Promise<void> | undefined;

  constructor(ranking: Pick<Ranking, 'rank' | 'check'>) {
    this.#ranking = ranking;
    this.#learn(
      ranking.check().then(
        (isRanked) => {
          this.#isRanked = isRanked;
        },
        () => {},
      ),
    );
  }

  /**
   * Calls `send`, which adds jobs. Its argument is true if the queue is ranked. `isUrgent` is true
   * if one of the jobs has a positive priority.
   */
  async add(isUrgent: boolean, send: (isRanked: boolean) => Promise<void>): Promise<void> {
    while (this.#learning !== undefined) await this.#learning;
    if (isUrgent) this.#rank();
    while (this.#learning !== undefined) await this.#learning;
    const sent = send(this.#isRanked);
    const open = sent
      .then(() => this.#check())
      // A failed add is reported to the caller. After a failed check, the next one finds the same.
      .catch(() => {})
      .finally(() => this.#open.delete(open));
    this.#open.add(open);
    await sent;
  }

  /** Ranks the queue for jobs that follow on the same connection. */
  #rank(): void {
    // If the command fails, the next add fails too, or the check after the add repairs the order.
    const ranked = () => this.#ranking.rank().catch(() => {});
    if (this.#isRanked) void ranked();
    else this.#turn(ranked);
  }

  /** Another program may have ranked the queue since this client has looked. */
  async #check(): Promise<void> {
    const isRanked = await this.#ranking.check();
    if (isRanked === this.#isRanked || this.#learning !== undefined) return;
    if (isRanked) this.#turn();
    // A job that is on its way to the sorted set must not be overtaken in the list.
    else if (this.#open.size === 1) this.#isRanked = false;
  }

  /** Lets all adds wait until the open ones have ended. Then the queue counts as ranked. */
  #turn(ranked?: () => Promise<void>): void {
    this.#learn(
      Promise.all(this.#open)
        .then(ranked)
        .then(() => {
          this.#isRanked = true;
        }),
    );
  }

  #learn(learnt: Promise<void>): void {
    this.#learning = learnt.then(() => {
      this.#learning = undefined;
    });
  }
}
