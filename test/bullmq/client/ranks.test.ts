/** When a client adds jobs to a queue that becomes ranked. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ranks } from '../../../src/bullmq/client/ranks.js';

describe('Ranks', () => {
  let isRanked: boolean;
  let log: string[];
  let ranks: Ranks;
  /** Confirms the open adds, by their names. */
  let confirm: Record<string, () => void>;

  beforeEach(() => {
    isRanked = false;
    log = [];
    confirm = {};
    const rank = async () => {
      isRanked = true;
      log.push('rank');
    };
    ranks = new Ranks({ rank, check: async () => isRanked });
  });

  const add = (name: string, isUrgent = false) =>
    ranks.add(isUrgent, (ranked) => {
      log.push(ranked ? `${name} ranked` : name);
      return new Promise((resolve) => {
        confirm[name] = resolve;
      });
    });

  it('jobs without priorities are added without a rank, until an urgent one', async () => {
    void add('one');
    await nextTurn();
    confirm['one']!();
    void add('urgent', true);
    await nextTurn();
    void add('two');
    await nextTurn();
    expect(log).toEqual(['one', 'rank', 'urgent ranked', 'two ranked']);
  });

  it('an urgent job waits for open adds, and later jobs wait for it, so that equal ones keep their order', async () => {
    void add('one');
    void add('urgent', true);
    void add('two');
    await nextTurn();
    expect(log).toEqual(['one']);
    confirm['one']!();
    await nextTurn();
    expect(log).toEqual(['one', 'rank', 'urgent ranked', 'two ranked']);
  });

  it('a client learns after an add that another program has ranked the queue', async () => {
    void add('one');
    await nextTurn();
    isRanked = true;
    confirm['one']!();
    await nextTurn();
    void add('two');
    await nextTurn();
    expect(log).toEqual(['one', 'two ranked']);
  });

  it('a queue that is no longer ranked counts as ranked while other adds are open', async () => {
    void add('urgent', true);
    void add('one');
    await nextTurn();
    isRanked = false;
    confirm['one']!();
    await nextTurn();
    void add('two');
    await nextTurn();
    confirm['two']!();
    await nextTurn();
    confirm['urgent']!();
    await nextTurn();
    void add('three');
    await nextTurn();
    expect(log).toEqual(['rank', 'urgent ranked', 'one ranked', 'two ranked', 'three']);
  });

  it('a failed add, and a failed check, delay no further add', async () => {
    const broken = new Ranks({
      rank: () => Promise.reject(new Error('down')),
      check: () => Promise.reject(new Error('down')),
    });
    await expect(broken.add(false, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    const sent: boolean[] = [];
    await broken.add(true, async (ranked) => void sent.push(ranked));
    await broken.add(false, async (ranked) => void sent.push(ranked));
    expect(sent).toEqual([true, true]);
  });
});
