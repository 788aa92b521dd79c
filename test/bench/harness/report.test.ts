/** The text that a bench writes, and its judgement of the bounds. */
import { describe, expect, it } from 'vitest';
import { rows } from '../rows/index.js';
import { parseArguments } from './arguments.js';
import type { Machine } from './machine.js';
import { areBoundsKept, asMarkdown, checkAsText, type Result } from './report.js';
import type { Bound, Row } from './row.js';

const machine: Machine = {
  cores: 2,
  cpu: 'a processor',
  memory: '24 GiB',
  node: '20.20.2',
  packages: 'rxjs 7.8.2',
  date: '2026-11-21',
  warning: undefined,
};

/** Ours needs 100 ms, the only peer 300 ms. */
function result(...bounds: Bound[]): Result {
  const open = () => Promise.reject(new Error('never opened'));
  const row: Row = {
    number: 1,
    name: 'tasks',
    title: 'Tasks',
    count: 1,
    warmUp: { count: 1, rounds: 0 },
    rounds: 1,
    metrics: { ms: { unit: 'ms', over: 'median' } },
    contenders: { ours: { kind: 'ours', open }, other: { kind: 'peer', open } },
    bounds,
  };
  return {
    row,
    standings: [
      { name: 'ours', samples: [{ ms: 100 }] },
      { name: 'other', samples: [{ ms: 300 }] },
    ],
  };
}

const kept: Bound = { metric: 'ms', faster: 2, than: 'peers' };
const broken: Bound = { metric: 'ms', atMost: 50 };

describe('RESULTS.md', () => {
  it('RESULTS.md shows the measurements and no bounds', () => {
    const text = asMarkdown([result(kept, broken)], machine);
    expect(text).toContain('| ours  | 100 ms         |         |\n| other | 300 ms, 3.00 × |         |');
    expect(text).not.toMatch(/goal|bound|≥|≤|✓|✗/i);
  });
});

describe('--check', () => {
  it('--check accepts figures within the bounds', () => {
    expect(areBoundsKept([result(kept)])).toBe(true);
    expect(checkAsText([result(kept)])).toBe('ok      1. tasks: ≥ 2 × as fast as the best peer: 3.00 × (other)');
  });

  it('--check rejects a figure beyond its bound', () => {
    expect(areBoundsKept([result(kept, broken)])).toBe(false);
    expect(checkAsText([result(broken)])).toBe('FAILED  1. tasks: ≤ 50.0 ms: 100 ms');
  });

  it('--check rejects a bound without a figure', () => {
    expect(areBoundsKept([{ ...result(kept), standings: [] }])).toBe(false);
  });

  it('--check together with a short version is refused, because the bounds hold for full rows', () => {
    expect(() => parseArguments(['--check', '--quick'])).toThrow('--check compares full rows. Leave out --quick.');
    expect(parseArguments(['--check', '4'])).toEqual({ version: 'full', wanted: ['4'], isCheck: true });
  });
});

describe.each(rows.map((row) => [row.name, row] as const))('row %s', (_, { bounds, metrics, contenders }) => {
  it('every bound names a metric and a contender of the row', () => {
    for (const bound of bounds) {
      expect(Object.keys(metrics)).toContain(bound.metric);
      const other = 'than' in bound ? bound.than : 'of' in bound ? bound.of : 'peers';
      expect(['peers', ...Object.keys(contenders)]).toContain(other);
    }
  });
});
