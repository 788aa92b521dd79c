/** The tasks of a lost job: which of them run again, and which are rejected. */
import { describe, expect, it } from 'vitest';
import { REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../../../src/protocol/messages.js';
import { type JobData, type NodeData, VERSION } from '../../../src/protocol/queue/job-data.js';
import { isNeededAgain, judge, type LostJobNotes, lostOutcome } from '../../../src/protocol/queue/lost-jobs.js';
import { type OutcomeMessage, outcomeNow, payloadOf } from '../../../src/protocol/queue/messages.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

const node = (id: number, from = -1, more: Partial<NodeData> = {}): NodeData => ({
  id,
  name: `task${id}`,
  from,
  steps: ['step'],
  attempt: 1,
  ...more,
});
const job = (...trees: NodeData[][]): JobData => ({
  version: VERSION,
  client: 'client',
  keep: 1,
  trees: trees.map((nodes) => ({ nodes, args: toText([]) })),
});
const notes = (more: Partial<LostJobNotes> = {}): LostJobNotes => ({
  times: 1,
  started: 0,
  retried: new Map(),
  steps: new Map(),
  server: 'doomed',
  ...more,
});
const ended = (id: number, kind = REPORT_FULFILLED) =>
  new Map<number, OutcomeMessage>([[id, outcomeNow(id, 1, kind, toText(id))]]);
const ids = (nodes: readonly NodeData[]) => nodes.map(({ id }) => id);
const verdict = (data: JobData, notes: LostJobNotes, rerunLost = 0, outcomes = new Map<number, OutcomeMessage>()) => {
  const { lost, retried } = judge(data, notes, rerunLost, outcomes);
  return { lost: ids(lost), retried: ids(retried) };
};

describe('judge', () => {
  it('a job of one tree has started, so that all of its futures are lost', () => {
    expect(verdict(job([node(1), node(2, 0)]), notes())).toEqual({ lost: [1, 2], retried: [] });
  });

  it('the trees of a shared job are lost only as far as they were noted', () => {
    const data = job([node(1)], [node(2)], [node(3)]);
    expect(verdict(data, notes({ started: 2 }))).toEqual({ lost: [1, 2], retried: [] });
    expect(verdict(data, notes())).toEqual({ lost: [], retried: [] });
  });

  it('a future with an outcome is not lost, and its dependents are', () => {
    expect(verdict(job([node(1), node(2, 0)]), notes(), 0, ended(1))).toEqual({ lost: [2], retried: [] });
  });

  it('all tasks run again as often as rerunLost allows, except streams', () => {
    const data = job([node(1), node(2, 0), node(3, -1, { credit: 4 })]);
    expect(verdict(data, notes({ times: 2 }), 2)).toEqual({ lost: [3], retried: [] });
    expect(verdict(data, notes({ times: 3 }), 2)).toEqual({ lost: [1, 2, 3], retried: [] });
  });

  it('a task with a retry left uses it, and its dependents run again with it', () => {
    const data = job([node(1, -1, { retry: { count: 2, delay: 0 } }), node(2, 0)]);
    expect(verdict(data, notes({ retried: new Map([[1, 1]]) }))).toEqual({ lost: [], retried: [1] });
    expect(verdict(data, notes({ retried: new Map([[1, 2]]) }))).toEqual({ lost: [1, 2], retried: [] });
  });

  it('a task with a retry left is lost if its input is lost', () => {
    const data = job([node(1), node(2, 0, { retry: { count: 1, delay: 0 } })]);
    expect(verdict(data, notes())).toEqual({ lost: [1, 2], retried: [] });
    expect(verdict(data, notes(), 0, ended(1))).toEqual({ lost: [], retried: [2] });
    expect(verdict(data, notes(), 0, ended(1, REPORT_UNCLONABLE))).toEqual({ lost: [2], retried: [] });
  });
});

describe('isNeededAgain', () => {
  it('a task whose value never left its thread runs again for a dependent without an outcome', () => {
    const nodes = [node(1), node(2, 0)];
    expect(isNeededAgain(nodes, 0, ended(1, REPORT_UNCLONABLE))).toBe(true);
    expect(isNeededAgain(nodes, 0, ended(1))).toBe(false);
    expect(isNeededAgain(nodes, 0, new Map([...ended(1, REPORT_UNCLONABLE), ...ended(2)]))).toBe(false);
  });
});

describe('lostOutcome', () => {
  const rules = { lostAfter: 500, rerunLost: 0 };
  const messageOf = (outcome: OutcomeMessage) => (payloadOf(outcome)!.value as { message: string }).message;

  it('a lost future is rejected with the name of its server and advice', () => {
    const outcome = lostOutcome(node(1), notes(), rules);
    expect(outcome).toMatchObject({ type: 'settled', id: 1, kind: REPORT_REJECTED, attempt: 1 });
    expect(messageOf(outcome)).toMatch(/^Server "doomed", .* for more than 500 ms\. The task was not run again/);
  });

  it('a lost stream is rejected with a reason of its own', () => {
    const outcome = lostOutcome(node(1, -1, { credit: 1 }), notes({ server: undefined }), rules);
    expect(messageOf(outcome)).toMatch(/^The server of this task was lost: .* its values were already read/);
  });
});
