/** The tables of docs/runtimes.md, and the lists of what does not run where. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guaranteesOf, tablesOf, withTables } from '../../scripts/runtime-table.mjs';
import { onNodeOnly } from '../browser/not-run.mjs';
import { skips } from '../runtimes/skips.mjs';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const guarantees = guaranteesOf(read('docs/guarantees.md'));
const runtimes = [
  'Node 20',
  'Node 22',
  'Node 24',
  'Node 26',
  'Chromium, isolated',
  'Chromium, not isolated',
  'Bun',
  'Deno',
];

describe('the tables of runtimes', () => {
  it('a cell counts the tests that passed, and names the reasons of the others by number', () => {
    const [first, second, third] = ['a.test.ts', 'b.test.ts', 'c.test.ts'].map((file, i) => ({
      name: `G${i + 1}`,
      title: 'A title',
      files: [file],
    }));
    const suite = { file: 'test/backends/threads.test.ts', topic: 'keys' };
    const whole = {
      runtime: 'Node',
      version: '20.1.0',
      tests: [
        { file: 'a.test.ts', test: 'one', state: 'passed' },
        { file: 'a.test.ts', test: 'two', state: 'passed' },
        { file: 'b.test.ts', test: 'three', state: 'failed' },
        { file: 'c.test.ts', test: 'four', state: 'passed' },
        { ...suite, test: 'five', state: 'passed' },
      ],
    };
    const part = {
      runtime: 'Bun',
      version: '1.2.3',
      tests: [
        { file: 'a.test.ts', test: 'one', state: 'passed' },
        { file: 'a.test.ts', test: 'two', state: 'skipped', reason: 'it has no heap' },
        { ...suite, test: 'five', state: 'skipped', reason: 'it has no keys' },
      ],
      notRun: [{ file: 'c.test.ts', reason: 'it has no heap' }],
    };
    expect(tablesOf([first!, second!, third!], [whole, part])).toBe(`\
| Guarantee                              | Node 20.1.0 | Bun 1.2.3    |
| -------------------------------------- | ----------- | ------------ |
| [G1 A title](guarantees.md#g1-a-title) | ✓ 2         | ◐ 1 of 2 (1) |
| [G2 A title](guarantees.md#g2-a-title) | ✗ 0 of 1    | –            |
| [G3 A title](guarantees.md#g3-a-title) | ✓ 1         | – 0 of 1 (1) |

| Conformance suite | Node 20.1.0 | Bun 1.2.3    |
| ----------------- | ----------- | ------------ |
| keys              | ✓ 1         | – 0 of 1 (2) |

The reasons, with the number of tests:

1. It has no heap. Bun 1.2.3: 2 tests.
2. It has no keys. Bun 1.2.3: 1 test.
`);
  });

  it('a test that is skipped without a reason is refused', () => {
    const tests = [{ file: 'a.test.ts', test: 'one', state: 'skipped' }];
    const guarantee = { name: 'G1', title: 'A title', files: ['a.test.ts'] };
    expect(() => tablesOf([guarantee], [{ runtime: 'Bun', version: '1', tests }])).toThrow(
      /without a reason: a.test.ts/,
    );
  });

  it('only the part between the two marks of the page is replaced', () => {
    const page = 'before\n<!-- runtimes -->\nold\n<!-- /runtimes -->\nafter\n';
    expect(withTables(page, 'new\n')).toBe('before\n<!-- runtimes -->\n\nnew\n\n<!-- /runtimes -->\nafter\n');
    expect(() => withTables('before\n', 'new\n')).toThrow(/has no part between/);
  });
});

describe('docs/runtimes.md', () => {
  const [, first = '', second = '', , notes = ''] = read('docs/runtimes.md')
    .split('<!-- ')
    .find((part) => part.startsWith('runtimes -->'))!
    .split(/\n\n+/);
  const rowsOf = (table: string) =>
    table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .slice(2, -2)
          .split(' | ')
          .map((cell) => cell.trim()),
      );

  const [, ...columns] = rowsOf(first)[0]!;

  it('both tables have a column for each runtime, with its version', () => {
    const withoutVersion = (name: string) => name.replace(/^(Node \d+)\..*$/, '$1').replace(/(?<!^Node) [\d.]+$/, '');
    expect(columns.map(withoutVersion)).toEqual(runtimes);
    expect(rowsOf(second)[0]!.slice(1)).toEqual(columns);
  });

  it('the first table has a row for each guarantee G1 to G25, whose tests docs/guarantees.md links', () => {
    const names = Array.from({ length: 25 }, (_, i) => `G${i + 1}`);
    expect(guarantees.map(({ name }) => name)).toEqual(names);
    expect(guarantees.filter(({ files }) => files.length === 0)).toEqual([]);
    const titles = rowsOf(first)
      .slice(2)
      .map(([title]) => title!);
    expect(titles.map((title) => title.match(/^\[(.*)\]/)![1])).toEqual(
      guarantees.map(({ name, title }) => `${name} ${title}`),
    );
  });

  it('no test fails, and the reasons explain each test that is missing in a cell', () => {
    const reasons = notes.split('\n').filter(Boolean);
    for (const [i, reason] of reasons.entries()) {
      expect(reason).toMatch(new RegExp(`^${i + 1}\\. .{20,}\\. .* tests?\\.$`));
    }
    const cells = [first, second].flatMap((table) => rowsOf(table).slice(2));
    columns.forEach((name, column) => {
      let missing = 0;
      for (const [title = '', ...row] of cells) {
        const cell = row[column] ?? '';
        expect(cell, `${title}, ${name}`).toMatch(/^(✓ [1-9]\d*|(◐ \d+ of \d+|– 0 of \d+) \(\d+(, \d+)*\))$/);
        const [, passed = 0, total = 0, numbers = ''] = cell.match(/(\d+) of (\d+) \((.*)\)/) ?? [];
        missing += Number(total) - Number(passed);
        for (const number of numbers.split(', ').filter(Boolean))
          expect(reasons[Number(number) - 1]).toContain(` ${name}: `);
      }
      const explained = reasons.map((reason) => Number(reason.split(` ${name}: `)[1]?.match(/^\d+/)?.[0] ?? 0));
      expect(
        explained.reduce((sum, count) => sum + count, 0),
        name,
      ).toBe(missing);
    });
  });
});

describe('the tests that do not run on a runtime', () => {
  it('each declared difference has a reason, and no test is declared twice', () => {
    for (const list of Object.values(skips)) {
      const tests = list.flatMap((skip) => skip.tests);
      expect(new Set(tests).size).toBe(tests.length);
      expect(list.every(({ reason }) => reason.length > 20)).toBe(true);
    }
  });

  it('each file of a guarantee runs on the isolated page, or is declared with a reason', () => {
    const imported = [...read('test/browser/guarantees.ts').matchAll(/'\.\.\/(.*)\.js'/g)].map(
      ([, file]) => `test/${file}.ts`,
    );
    const declared = onNodeOnly.flatMap(({ files }) => files);
    const linked = new Set(guarantees.flatMap(({ files }) => files));
    expect([...imported, ...declared].sort()).toEqual([...linked].sort());
  });
});
