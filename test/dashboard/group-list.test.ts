import { asCompleted, Future, type Outcome } from 'rx-futures';
import { expect, it, onTestFinished } from 'vitest';
import { GroupList } from '../../src/dashboard/group-list.js';
import { openInline } from './support.js';

function openList(): GroupList {
  const list = new GroupList();
  onTestFinished(() => list.dispose());
  return list;
}

it('a reading of asCompleted and one of map are groups, with their total and their failures', async () => {
  const list = openList();
  const { executor, tasks } = openInline();
  await asCompleted([tasks.square(2), tasks.fail('lost')]).forEach(() => {});
  await executor.map('square', [1, 2, 3]).forEach(() => {});
  expect(list.rows()).toMatchObject([
    { name: 'map(square)', total: 3, done: 3, failed: 0, end: 'completed' },
    { name: 'asCompleted', total: 2, done: 2, failed: 1, end: 'completed' },
  ]);
});

it('a reader that leaves ends the group', async () => {
  const list = openList();
  const { tasks, open } = openInline();
  for await (const _ of asCompleted([Future.resolve(1), tasks.wait()])) break;
  open();
  expect(list.rows()).toMatchObject([{ total: 2, end: 'left' }]);
});

it('a stream that fails ends its group', async () => {
  const list = openList();
  const { executor } = openInline();
  await executor
    .map('fail', ['lost'])
    .forEach(() => {})
    .catch(() => {});
  expect(list.rows()).toMatchObject([{ name: 'map(fail)', total: 1, done: 0, end: 'failed' }]);
});

it('the list keeps 40 groups, and forgets those first that have ended', async () => {
  const list = openList();
  const { tasks, open } = openInline();
  const running = asCompleted([tasks.wait()]).subscribe();
  for (let i = 0; i < 60; i++) await asCompleted([Future.resolve(i)]).forEach(() => {});
  expect(list.rows()).toHaveLength(40);
  expect(list.rows().at(-1)).toMatchObject({ done: 0, end: undefined });
  open();
  running.unsubscribe();
});

it('the list watches nothing after its end', async () => {
  const list = new GroupList();
  list.dispose();
  const seen: Outcome<number>[] = [];
  await asCompleted([Future.resolve(1)]).forEach((outcome) => void seen.push(outcome));
  expect(list.rows()).toEqual([]);
  expect(seen).toHaveLength(1);
});
