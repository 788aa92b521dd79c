/** The stages of rows 27 and 28. The gate does not run the rows themselves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parts, sumOfPart } from './stages.mjs';

it('the parts of a file contain each line once, although their reader moves them away', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-stages-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'items.ndjson');
  const line = (price: number) => `${JSON.stringify({ name: 'x'.repeat(1_000), price })}\n`;
  writeFileSync(file, Array.from({ length: 3_000 }, (_, i) => line(i)).join(''));
  let sum = 0;
  let count = 0;
  for await (const part of parts(file)) {
    count++;
    sum += sumOfPart(structuredClone(part, { transfer: [part.buffer] }));
  }
  expect([count, sum]).toEqual([3, (3_000 * 2_999) / 2]);
});
