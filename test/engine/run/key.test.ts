import { describe, expect, it } from 'vitest';
import { joinLane, noKeys, refuseKeyOnQueue, shareTree } from '../../../src/engine/run/key.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';
import { Lanes } from '../../../src/scheduling/lanes/lanes.js';
import { FakeJob } from '../../support/fake-job.js';

/** A run with a key, as far as keys need it. */
function makeRun(lanes: Lanes, key: string | undefined): TaskRun {
  const owner = { dispatcher: { backlog: { lanes } } };
  return Object.assign(new FakeJob(1, 'parse'), { task: { options: { key } }, owner }) as never;
}

describe('joinLane()', () => {
  it('a run takes the last place of its key, in the order of the calls', () => {
    const lanes = new Lanes();
    const runs = [makeRun(lanes, 'ann'), makeRun(lanes, 'ann'), makeRun(lanes, 'bob')];
    for (const run of runs) joinLane(run);
    expect(lanes.size).toBe(2);
    expect([...lanes.of('ann')]).toEqual(runs.slice(0, 2));
    expect(lanes.of('ann').last).toBe(runs[1]!.place);
  });

  it('a run without a key takes no place', () => {
    const lanes = new Lanes();
    const run = makeRun(lanes, undefined);
    joinLane(run);
    expect([run.place, lanes.size]).toEqual([undefined, 0]);
  });
});

describe('shareTree()', () => {
  const at = (lanes: Lanes, key: string | undefined) => {
    const run = makeRun(lanes, key);
    joinLane(run);
    return run;
  };

  it.each<[string, string | undefined, string | undefined]>([
    ['of the same key', 'ann', 'ann'],
    ['without a key', 'ann', undefined],
  ])('a step %s joins a tree with a key, and has a place in the lane of the tree', (_what, head, step) => {
    const lanes = new Lanes();
    const root = at(lanes, head);
    const run = makeRun(lanes, step);
    expect(shareTree(run, root)).toBe(true);
    expect(run.place!.lane).toBe(root.place!.lane);
    expect(lanes.of('ann').unsettled).toBe(2);
  });

  it('a step without a key joins a tree without a key, and has no place', () => {
    const lanes = new Lanes();
    const run = makeRun(lanes, undefined);
    expect([shareTree(run, at(lanes, undefined)), run.place]).toEqual([true, undefined]);
  });

  it('a step with another key than the tree does not join it', () => {
    const lanes = new Lanes();
    const run = makeRun(lanes, 'bob');
    expect(shareTree(run, at(lanes, 'ann'))).toBe(false);
    expect(shareTree(run, at(lanes, undefined))).toBe(false);
    expect(run.place).toBe(undefined);
  });

  it('a step does not join a tree if another task of its key was submitted between them', () => {
    const lanes = new Lanes();
    const root = at(lanes, 'ann');
    at(lanes, 'ann');
    const run = makeRun(lanes, 'ann');
    expect([shareTree(run, root), run.place]).toEqual([false, undefined]);
  });
});

describe('refuseKeyOnQueue()', () => {
  const engine = (ownsWorkers: boolean) => ({ name: 'crew', traits: { ownsWorkers } }) as never;

  it('a key is refused only by an executor whose workers belong to other processes', () => {
    expect(() => refuseKeyOnQueue(engine(false), { key: 'ann' }, 'with(options)')).toThrow(
      noKeys('crew', 'with(options)'),
    );
    expect(() => refuseKeyOnQueue(engine(true), { key: 'ann' }, 'with(options)')).not.toThrow();
    expect(() => refuseKeyOnQueue(engine(false), {}, 'with(options)')).not.toThrow();
  });

  it('the error of refuseKeyOnQueue() names the call and the executor, and says what to do', () => {
    expect(noKeys('crew', 'map()').message).toMatch(/^map\(\): executor "crew" uses a queue.* Remove the option "key"/);
  });
});
