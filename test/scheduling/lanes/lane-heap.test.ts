/** The heap of lanes: the order of priority and then of ids, whatever is added and removed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBefore, LaneHeap, type Ranked } from '../../../src/scheduling/lanes/lane-heap.js';

function ranked(priority: number, order: number): Ranked {
  return { priority, order, heap: undefined, index: -1 };
}

describe('LaneHeap', () => {
  it('the first lane has the highest priority, and among equals the lowest id', () => {
    const heap = new LaneHeap<Ranked>();
    const lanes = [ranked(0, 1), ranked(5, 9), ranked(5, 3), ranked(-1, 0)];
    for (const lane of lanes) heap.add(lane);
    const order: Ranked[] = [];
    for (let first = heap.first; first !== undefined; first = heap.first) {
      order.push(first);
      heap.remove(first);
    }
    expect(order).toEqual([lanes[2], lanes[1], lanes[0], lanes[3]]);
    expect(heap.size).toBe(0);
    expect(lanes.every(({ heap: own, index }) => own === undefined && index === -1)).toBe(true);
  });

  it('any lane can be removed, and the others stay in order', () => {
    const action = fc.record({ priority: fc.integer({ min: 0, max: 3 }), isRemoved: fc.boolean(), at: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const heap = new LaneHeap<Ranked>();
        const model: Ranked[] = [];
        actions.forEach(({ priority, isRemoved, at }, i) => {
          if (isRemoved && model.length > 0) {
            const [lane] = model.splice(at % model.length, 1);
            heap.remove(lane!);
          } else {
            const lane = ranked(priority, (i * 37) % 101);
            model.push(lane);
            heap.add(lane);
          }
          model.sort((a, b) => (isBefore(a, b) ? -1 : 1));
          const { first } = heap;
          expect([first?.priority, first?.order]).toEqual([model[0]?.priority, model[0]?.order]);
          expect(heap.size).toBe(model.length);
        });
      }),
    );
  });
});
