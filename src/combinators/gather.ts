/** The engine that `all`, `allSettled`, `any` and `race` share: one future of many. */
import { Future } from '../future/future.js';
import { DetachedOrigin, nobody } from '../future/nobody.js';
import type { Owner } from '../future/origin.js';
import type { Reaction } from '../future/reaction.js';
import { advance, whenSettled } from '../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';

export interface GatherOptions {
  /**
   * When the result is decided before all have settled, cancel the others.
   * @default false
   */
  readonly cancelRest?: boolean;
}

/** What a verb does with each member that settles. One of the three ends it. */
export interface Gathering {
  readonly count: number;
  fulfil(value: unknown): void;
  reject(reason: unknown): void;
  cancel(reason: unknown): void;
}

/**
 * A future that `member` decides as the members settle, in the order in which they do. Cancelling it stops the members that nobody else
 * uses.
 */
export function gather(
  name: string,
  futures: readonly Future<any>[],
  options: GatherOptions | undefined,
  member: (gathering: Gathering, future: Future<any>, index: number) => void,
): Future<any> {
  const waits: { readonly future: Future<any>; readonly reaction: Reaction }[] = [];
  const origin = new GatherOrigin(name, ownerOf(futures), (reason) => {
    for (const { future, reaction } of waits) abandon(future, reaction, reason);
  });
  const result = new Future<any>(origin);

  futures.forEach((future, index) => {
    waits.push({
      future,
      reaction: {
        react(_future, settled) {
          future._observe();
          if (result.isSettled) return;
          let isDecided = false;
          const decide = (state: number) => (value: unknown) => {
            isDecided = advance(result, state, value) || isDecided;
          };
          const ends = { fulfil: decide(FULFILLED), reject: decide(REJECTED), cancel: decide(CANCELLED) };
          member({ count: futures.length, ...ends }, future, index);
          if (!isDecided) return;
          settled.push(result);
          if (options?.cancelRest) for (const other of futures) other.cancel(`${name} was decided`);
        },
      },
    });
  });
  for (const { future, reaction } of waits) whenSettled(future, reaction);
  return result;
}

class GatherOrigin extends DetachedOrigin {
  override readonly owner: Owner;

  constructor(name: string, owner: Owner, stopped: (reason: unknown) => void) {
    super(name, stopped);
    this.owner = owner;
    this.hasStarted = true;
  }
}

/** An executor answers for what is made of its futures, so that shutdown waits for that too. */
function ownerOf(futures: readonly Future<any>[]): Owner {
  const owner = futures.find((future) => !future.isSettled)?._origin.owner;
  return owner ?? nobody;
}
