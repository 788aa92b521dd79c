/** The actors of a worker: which job trees may start, and in which order. */
import { describe, expect, it } from 'vitest';
import { ACTOR, NO_UPSTREAM, slotOf, writeJob } from '../../../src/protocol/job-layout.js';
import type { Actor } from '../../../src/worker/actors/actor.js';
import { Actors } from '../../../src/worker/actors/actors.js';

/**
 * A batch with a tree for each call, which has the id of its actor and a name. A task has no id.
 */
function batch(...calls: (readonly [actor: number, name: string] | readonly [name: string])[]) {
  const cells: number[] = [];
  const job = { id: 1, attempt: 1, steps: [{ key: 1 }], highWaterMark: undefined };
  for (const [i, call] of calls.entries())
    writeJob(cells, job, i, call.length === 2 ? ACTOR : NO_UPSTREAM, call.length);
  return { cells, args: calls.flat() as unknown[] };
}

function newActors(): Actors {
  const actors = new Actors();
  actors.defined([{ key: 1, kind: 'construct', name: 'new Counter', text: 'Counter' }]);
  return actors;
}

/** Takes all trees that may start. Returns their names and their actors. */
function takeAll(actors: Actors): [name: unknown, actor: Actor][] {
  const taken: [unknown, Actor][] = [];
  while (actors.hasReady) {
    const { args, actor } = actors.take();
    taken.push([args[0], actor]);
  }
  return taken;
}

/** Gives actors objects, as their constructors do, so that they are kept. */
function construct(actors: Actors, concurrency: number, ...ids: number[]): void {
  actors.takeFrom(batch(...ids.map((id) => [id, 'new'] as const)));
  for (const [, actor] of takeAll(actors)) {
    actor.object = {};
    actor.concurrency = concurrency;
    actors.ended(actor);
  }
}

describe('Actors on a worker', () => {
  it('the trees of actors are taken out of a batch, and the others stay in their order', () => {
    const actors = newActors();
    const others = actors.takeFrom(batch(['a'], [1, 'b'], ['c'], [2, 'd'], ['e']));
    expect(others!.args).toEqual(['a', 'c', 'e']);
    expect([0, 7, 14].map((at) => slotOf(others!.cells, at))).toEqual([0, 2, 4]);
    expect(takeAll(actors).map(([name]) => name)).toEqual(['b', 'd']);
    expect(actors.takeFrom(batch([1, 'f']))).toBeUndefined();
    const tasks = batch(['g'], ['h']);
    expect(actors.takeFrom(tasks)).toBe(tasks);
  });

  it('a tree of an actor waits until the tree before it has ended, and other actors do not wait', () => {
    const actors = newActors();
    construct(actors, 1, 1, 2);
    actors.takeFrom(batch([1, 'a'], [1, 'b'], [2, 'c'], [1, 'd']));
    const first = takeAll(actors);
    expect(first.map(([name]) => name)).toEqual(['a', 'c']);
    expect(actors.isIdle).toBe(false);
    actors.ended(first[0]![1]);
    const second = takeAll(actors);
    expect(second.map(([name]) => name)).toEqual(['b']);
    actors.ended(second[0]![1]);
    expect(takeAll(actors).map(([name]) => name)).toEqual(['d']);
  });

  it('an actor starts as many trees as its concurrency allows', () => {
    const actors = newActors();
    construct(actors, 2, 1);
    actors.takeFrom(batch([1, 'a'], [1, 'b'], [1, 'c']));
    const running = takeAll(actors);
    expect(running.map(([name]) => name)).toEqual(['a', 'b']);
    actors.ended(running[0]![1]);
    expect(takeAll(actors).map(([name]) => name)).toEqual(['c']);
  });

  it('an actor without an object is forgotten when none of its trees runs', () => {
    const actors = newActors();
    actors.takeFrom(batch([1, 'new']));
    const [[, first]] = takeAll(actors) as [[unknown, Actor]];
    actors.ended(first);
    actors.takeFrom(batch([1, 'new']));
    expect(takeAll(actors)[0]![1]).not.toBe(first);
  });

  it('all objects are disposed of at the end, the newest first, and errors are passed on', async () => {
    const actors = newActors();
    construct(actors, 1, 1, 2, 3);
    actors.takeFrom(batch([1, 'a'], [2, 'b'], [3, 'c']));
    const order: number[] = [];
    for (const [, actor] of takeAll(actors)) {
      actor.object = {
        async [Symbol.asyncDispose]() {
          order.push(actor.id);
          if (actor.id === 2) throw new RangeError('no disk');
        },
      };
    }
    const failures: string[] = [];
    await actors.disposeAll((error, name) => failures.push(`${name} ${error.type === 'error' ? error.message : ''}`));
    expect(order).toEqual([3, 2, 1]);
    expect(failures).toEqual(['Object no disk']);
  });
});
