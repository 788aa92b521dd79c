/** The functions that the jobs of an actor call. */
import { TaskNotFoundError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../../src/worker/actors/actor.js';
import { constructorOf, dispose, methodOf } from '../../../src/worker/actors/actor-functions.js';

class Base {
  inherited() {
    return 'inherited';
  }
}

class Point extends Base {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {
    super();
  }

  sum(n: number) {
    return this.x + this.y + n;
  }
}

function newActor(): { actor: Actor; deleted: number[] } {
  const deleted: number[] = [];
  return { actor: new Actor(7, { delete: (id) => deleted.push(id) }), deleted };
}

describe('the functions of actors', () => {
  it('the constructor receives the arguments, and the last one is the concurrency', () => {
    const { actor } = newActor();
    expect(constructorOf(() => Point as never).call(actor, 1, 2, 3)).toBe(false);
    expect(actor.object).toEqual(new Point(1, 2));
    expect(actor.concurrency).toBe(3);
  });

  it('the constructor returns whether the object must be disposed of', () => {
    for (const symbol of [Symbol.dispose, Symbol.asyncDispose]) {
      class Open {
        [symbol]() {}
      }
      expect(constructorOf(() => Open as never).call(newActor().actor, 1)).toBe(true);
    }
  });

  it('a method is called on the object, and may be inherited', () => {
    const { actor } = newActor();
    actor.object = new Point(1, 2);
    expect(methodOf('sum').call(actor, 3)).toBe(6);
    expect(methodOf('inherited').call(actor)).toBe('inherited');
  });

  it('the error of a missing method lists the methods of the class', () => {
    const { actor } = newActor();
    actor.object = new Point(1, 2);
    expect(() => methodOf('size').call(actor)).toThrow(TaskNotFoundError);
    expect(() => methodOf('size').call(actor)).toThrow(
      'Class "Point" has no method "size". It has: inherited, sum. Correct the name, or add the method.',
    );
    expect(() => methodOf('x').call(actor)).toThrow('has "x" as number, not as a method');
  });

  it('an object is disposed of once, and its actor is deleted', async () => {
    const { actor, deleted } = newActor();
    let count = 0;
    actor.object = { [Symbol.asyncDispose]: async () => void count++, [Symbol.dispose]: () => (count += 10) };
    await dispose.call(actor);
    await dispose.call(actor);
    expect(count).toBe(1);
    expect(deleted).toEqual([7, 7]);
    expect(actor.object).toBeUndefined();
  });
});
