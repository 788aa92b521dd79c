/**
 * The code of applications in docs/. A block marked `<!-- example: <file> -->` is a part of a file
 * of examples/, such as a component, which `npm run test:apps` runs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, root } from './pages.js';

const fence = /^<!-- example: (\S+) -->\n```\w+\n(.*?)^```$/gms;
const blocks = pages().flatMap(({ file: page, text }) =>
  [...text.matchAll(fence)].map(([, file, code]) => ({ page, file: file!, code: code! })),
);

describe('the code of applications', () => {
  it.each(blocks)('$page shows a part of examples/$file as it is', ({ file, code }) => {
    const text = readFileSync(path.join(root, 'examples', file), 'utf8');
    expect(code).not.toBe('');
    expect(`\n${text}`).toContain(`\n${code}`);
  });

  it('the guide shows both applications', () => {
    const shown = new Set(blocks.map(({ file }) => file.split('/')[0]));
    expect([...shown].toSorted()).toEqual(['angular', 'react']);
  });
});
