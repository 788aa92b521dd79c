/** One future of many: the implementation that `all`, `allSettled`, `any` and `race` share. */

import { DetachedProducer, detachedOwner } from '../future/detached.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { advance, whenSettled } from '../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { boolean, validate } from '../util/validate.js';

/** Options of `all`, `allSettled`, `any` and `race`. */
export interface GatherOptions {
  /**
   * Cancels the other futures as soon as the result is decided.
   *
   * @default false
   */
  readonly cancelRest?: boolean;
}

/**
 * Called for each member that settles. It may end the gathering with `fulfil`, `reject` or
 * `cancel`.
 */
export type OnMember = (gathering: Gathering, future: Future<any>, index: number) => void;

/**
 * Returns a future whose outcome `onMember` decides. `onMember` is called for each member, in the
 * order in which they settle. Cancelling the future also cancels the members that nothing else
 * uses.
 *
 * A member that is still pending holds the gathering, and so the result, until it settles.
 *
 * @throws TypeError if an option is wrong
 */
export function gather(
  name: string,
  futures: readonly Future<any>[],
  options: GatherOptions | undefined,
  onMember: OnMember,
): Future<any> {
  if (options !== undefined) validate(`${name}()`, options, { cancelRest: boolean });
  const gathering = new Gathering(name, futures, options?.cancelRest ?? false, onMember);
  gathering.start();
  return gathering.result;
}

export class Gathering {
  readonly result: Future<any>;
  readonly #name: string;
  readonly #cancelsRest: boolean;
  readonly #onMember: OnMember;
  readonly #members: readonly Member[];

  constructor(name: string, futures: readonly Future<any>[], cancelsRest: boolean, onMember: OnMember) {
    this.#name = name;
    this.#cancelsRest = cancelsRest;
    this.#onMember = onMember;
    this.#members = futures.map((future, index) => new Member(this, future, index));
    this.result = futureOf(new GatherProducer(name, ownerOf(futures), (reason) => this.#stop(reason)));
  }

  start(): void {
    for (const member of this.#members) whenSettled(member.future, member);
  }

  settled(future: Future<any>, index: number, settled: Future<any>[]): void {
    if (this.result.isSettled) return;
    this.#onMember(this, future, index);
    if (!this.result.isSettled) return;
    settled.push(this.result);
    if (this.#cancelsRest)
      for (const member of this.#members) member.future.cancel(`${this.#name}() was decided by another future`);
  }

  fulfil(value: unknown): void {
    advance(this.result, FULFILLED, value);
  }

  reject(reason: unknown): void {
    advance(this.result, REJECTED, reason);
  }

  cancel(reason: unknown): void {
    advance(this.result, CANCELLED, reason);
  }

  #stop(reason: unknown): void {
    for (const member of this.#members) abandon(member.future, member, reason);
  }
}

class Member implements Reaction {
  constructor(
    readonly gathering: Gathering,
    readonly future: Future<any>,
    readonly index: number,
  ) {}

  react(future: Future<any>, settled: Future<any>[]): void {
    future._observe();
    this.gathering.settled(future, this.index, settled);
  }
}

class GatherProducer extends DetachedProducer {
  override readonly owner: Owner;
  future: Future<any> | undefined;

  constructor(name: string, owner: Owner, stopped: (reason: unknown) => void) {
    super(name, stopped);
    this.owner = owner;
    this.hasStarted = true;
  }

  override release(): void {
    super.release();
    if (this.future !== undefined) this.owner.unfollow?.(this.future);
    this.future = undefined;
  }
}

/**
 * Creates the future and registers it with its owner. Otherwise, after the owner's `terminate()`,
 * the future would still wait for members of other owners.
 */
function futureOf(producer: GatherProducer): Future<any> {
  const future = new Future<any>(producer);
  producer.future = future;
  producer.owner.follow?.(future);
  return future;
}

/**
 * Returns the owner of the first pending member, so that the shutdown of its executor also waits
 * for the gathered future.
 */
function ownerOf(futures: readonly Future<any>[]): Owner {
  const owner = futures.find((future) => !future.isSettled)?._producer.owner;
  return owner ?? detachedOwner;
}
