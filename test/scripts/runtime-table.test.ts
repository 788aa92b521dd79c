/** The table of docs/runtimes.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guaranteesOf, tableOf } from '../../scripts/runtime-table.mjs';
import { skips } from '../runtimes/skips.mjs';

const guarantees = guaranteesOf(readFileSync(new URL('../../docs/guarantees.md', import.meta.url), 'utf8'));

describe('the table of runtimes', () => {
  it('the table has a row for each guarantee, whose tests docs/guarantees.md links', () => {
    expect(guarantees.map(({ name }) => name)).toEqual(Array.from({ length: 25 }, (_, i) => `G${i + 1}`));
    expect(guarantees.filter(({ files }) => files.length === 0)).toEqual([]);
  });

  it('a cell counts the tests that passed, and a skipped test is listed with its reason', () => {
    const [first, second, third] = ['a.test.ts', 'b.test.ts', 'c.test.ts'].map((file, i) => ({
      name: `G${i + 1}`,
      title: 'A title',
      files: [file],
    }));
    const report = {
      runtime: 'bun',
      version: '1.2.3',
      tests: [
        { file: 'a.test.ts', test: 'one', state: 'passed' },
        { file: 'a.test.ts', test: 'block > two', state: 'skipped', reason: 'it has no heap' },
        { file: 'b.test.ts', test: 'three', state: 'passed' },
        { file: 'b.test.ts', test: 'four', state: 'failed' },
      ],
    };
    expect(tableOf([first!, second!, third!], [report])).toBe(
      `| guarantee                              | Bun 1.2.3 |
| -------------------------------------- | --------- |
| [G1 A title](guarantees.md#g1-a-title) | ◐ 1 of 2  |
| [G2 A title](guarantees.md#g2-a-title) | ✗ 1 of 2  |
| [G3 A title](guarantees.md#g3-a-title) | –         |

Tests that do not hold on Bun 1.2.3, with the reason:

- it has no heap
  - G1: two

`,
    );
  });

  it('each declared difference of a runtime has a reason, and no test is declared twice', () => {
    for (const list of Object.values(skips)) {
      const tests = list.flatMap((skip) => skip.tests);
      expect(new Set(tests).size).toBe(tests.length);
      expect(list.every(({ reason }) => reason.length > 20)).toBe(true);
    }
  });
});
