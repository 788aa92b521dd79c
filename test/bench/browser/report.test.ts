/** The rows for browsers and Bun, and the text that their bench writes. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Standing } from '../harness/rounds.js';
import { rows as rowsOfNode } from '../rows/index.js';
import { asMarkdown } from './report.js';
import { rows } from './rows/index.js';

it.each(rows.map((row) => [row.name, row] as const))(
  'row %s has the number of the row on Node, one metric, and a place in the program of the page',
  (name, { number, metrics }) => {
    expect(rowsOfNode.find((row) => row.name === name)?.number).toBe(number);
    expect(Object.keys(metrics)).toHaveLength(1);
    const page = readFileSync(new URL('./page.mjs', import.meta.url), 'utf8');
    expect(page).toContain(`import('./rows/${String(number).padStart(2, '0')}-${name}.mjs')`);
  },
);

it('the results have a column for each place, and compare with the figure of ours there', () => {
  const row = rows.find(({ name }) => name === 'chains')!;
  const standings = (ours: number, other: number): Standing[] => [
    { name: 'ours', samples: [{ ms: ours }] },
    { name: 'Comlink', samples: [{ ms: other }] },
    { name: 'threads.js', samples: [], failure: 'no answer' },
  ];
  const columns = [
    { place: 'Chromium', standings: standings(100, 300) },
    { place: 'Bun', standings: standings(200, 100) },
  ];
  const machine = { cores: 2, cpu: 'a processor', memory: '24 GiB', date: '2026-11-29', warning: undefined };
  const text = asMarkdown([{ row, columns }], machine, ['Chromium 1', 'Bun 2']);
  expect(text).toContain('2026-11-29, 2 cores (a processor), 24 GiB; Chromium 1, Bun 2. Two workers everywhere.');
  expect(text).toMatch(/\| ours +\| 100 ms +\| 200 ms +\|/);
  expect(text).toMatch(/\| Comlink +\| 300 ms, 3\.00 × +\| 100 ms, 0\.50 × +\|/);
  expect(text).toMatch(/\| threads\.js +\| no figure: no answer +\|/);
  expect(text).toMatch(/\| workerpool +\| +\| +\|/);
});
