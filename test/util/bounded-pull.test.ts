import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { BoundedPull, type PullSource } from '../../src/util/bounded-pull.js';

describe('a bounded pull', () => {
  it('a bounded pull takes items until there is no more room, and continues when there is room again', () => {
    const reader = new Reader({ room: 2 });
    const input = reader.open((push) => push());
    expect([reader.taken, input.isFilling]).toEqual([[1, 2], false]);
    reader.room += 1;
    input.fill();
    expect(reader.taken).toEqual([1, 2, 3]);
  });

  it('a bounded pull asks for the next item only after the last one has arrived', () => {
    const reader = new Reader({ room: 3 });
    let pulls = 0;
    const input = reader.open(() => pulls++);
    input.fill();
    expect(pulls).toBe(1);
    input.push(1);
    input.fill();
    expect([pulls, reader.taken]).toEqual([2, [1]]);
  });

  it('a source of any length is read without recursion', () => {
    const reader = new Reader({ room: 100_000 });
    reader.open((push) => {
      push();
      reader.input.fill();
    });
    expect(reader.taken.length).toBe(100_000);
  });

  it('items that a source pushes beyond the room wait, and are taken in order before the next pull', () => {
    const reader = new Reader({ room: 1 });
    let pulls = 0;
    const input = reader.open(() => pulls++);
    for (const item of [1, 2, 3]) input.push(item);
    input.fill();
    expect([reader.taken, pulls]).toEqual([[1], 1]);
    reader.room += 5;
    input.fill();
    expect([reader.taken, pulls]).toEqual([[1, 2, 3], 2]);
  });

  it('pass() gives an item to the reader even if there is no room', () => {
    const reader = new Reader({ room: 0 });
    const input = reader.open(() => {});
    input.acceptNow(1);
    expect(reader.taken).toEqual([1]);
  });

  it('a bounded pull is done when the source has ended and every item is taken', () => {
    const reader = new Reader({ room: 1 });
    const input = reader.open(() => {});
    input.push(1);
    input.push(2);
    input.ended();
    input.fill();
    expect([reader.taken, input.isDone]).toEqual([[1], false]);
    reader.room += 1;
    input.fill();
    expect([reader.taken, input.isDone]).toEqual([[1, 2], true]);
  });

  it('leave() leaves the source once, drops the items that wait, and ends the pulls', () => {
    const reader = new Reader({ room: 0 });
    let pulls = 0;
    const input = reader.open(() => pulls++);
    input.push(1);
    input.leave();
    input.leave();
    reader.room = 5;
    input.fill();
    expect([reader.taken, pulls, reader.left, input.isDone]).toEqual([[], 0, 1, true]);
  });

  it('a source that has ended is not left', () => {
    const reader = new Reader({ room: 0 });
    const input = reader.open(() => {});
    input.ended();
    input.leave();
    expect(reader.left).toBe(0);
  });

  it('a source is left and never started if the reader has left while the source was being opened', () => {
    const reader = new Reader({ room: 1 });
    reader.input.leave();
    reader.open((push) => push());
    expect([reader.started, reader.taken, reader.left]).toEqual([0, [], 1]);
  });

  it('the source and the reader are called in the async context of the code that created the pull', () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const reader = storage.run('mine', () => new Reader({ room: 0, onTake: () => seen.push(storage.getStore()) }));
    const input = storage.run('mine', () =>
      reader.open(
        (push) => {
          seen.push(storage.getStore());
          push();
        },
        () => seen.push(storage.getStore()),
      ),
    );
    storage.run('other', () => {
      reader.room = 1;
      input.fill();
      input.leave();
    });
    expect(seen).toEqual(['mine', 'mine', 'mine']);
  });
});

/** A reader that keeps what it takes. */
class Reader {
  readonly taken: number[] = [];
  readonly input = new BoundedPull<number>(this);
  room: number;
  started = 0;
  left = 0;
  readonly #onTake: (() => void) | undefined;

  constructor({ room, onTake }: { room: number; onTake?: () => void }) {
    this.room = room;
    this.#onTake = onTake;
  }

  /** Opens a source and reads it. `pull` may push the next number. */
  open(pull: (push: () => void) => void, left?: () => void): BoundedPull<number> {
    let count = 0;
    const source: PullSource = {
      start: () => this.started++,
      pull: () => pull(() => this.input.push(++count)),
      leave: () => {
        this.left++;
        left?.();
      },
    };
    this.input.open(source);
    this.input.fill();
    return this.input;
  }

  hasRoom(): boolean {
    return this.taken.length < this.room;
  }

  accept(item: number): void {
    this.#onTake?.();
    this.taken.push(item);
  }
}
