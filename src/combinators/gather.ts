/** The engine that `all`, `allSettled`, `any` and `race` share: one future of many. */

import { DetachedProducer, detachedOwner } from '../future/detached.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { advance, whenSettled } from '../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { checkNames } from '../util/validate.js';

export interface GatherOptions {
  /**
   * When the result is decided before all have settled, cancel the others.
   * @default false
   */
  readonly cancelRest?: boolean;
}

/** What a verb does with each member that settles. One of the three ends it. */
export type OnMember = (gathering: Gathering, future: Future<any>, index: number) => void;

/**
 * A future that `onMember` decides as the members settle, in the order in which they do. Cancelling it stops the members that nobody else
 * uses.
 */
export function gather(
  name: string,
  futures: readonly Future<any>[],
  options: GatherOptions | undefined,
  onMember: OnMember,
): Future<any> {
  checkNames(options, ['cancelRest'], `${name}()`);
  const gathering = new Gathering(name, futures, options?.cancelRest ?? false, onMember);
  gathering.begin();
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

  get count(): number {
    return this.#members.length;
  }

  begin(): void {
    for (const member of this.#members) whenSettled(member.future, member);
  }

  settled(future: Future<any>, index: number, settled: Future<any>[]): void {
    if (this.result.isSettled) return;
    this.#onMember(this, future, index);
    if (!this.result.isSettled) return;
    settled.push(this.result);
    if (this.#cancelsRest) for (const member of this.#members) member.future.cancel(`${this.#name} was decided`);
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

/** Followed by its owner: after the owner's terminate() it must not wait for members that belong to another one. */
function futureOf(producer: GatherProducer): Future<any> {
  const future = new Future<any>(producer);
  producer.future = future;
  producer.owner.follow?.(future);
  return future;
}

/** An executor answers for what is made of its futures, so that shutdown waits for that too. */
function ownerOf(futures: readonly Future<any>[]): Owner {
  const owner = futures.find((future) => !future.isSettled)?._producer.owner;
  return owner ?? detachedOwner;
}
