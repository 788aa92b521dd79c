/**
 * The settings of bundlers in docs/. A block marked `<!-- settings: <file> -->` is a file of
 * test/projects/bundlers, whose bundles `npm run test:bundlers` runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { projects } from '../projects/bundlers/projects.mjs';
import { pages, root } from './pages.js';

const folder = path.join(root, 'test/projects/bundlers');
const fence = /^<!-- settings: (\S+) -->\n```\w+\n(.*?)^```$/gms;
const blocks = pages().flatMap(({ file: page, text }) =>
  [...text.matchAll(fence)].map(([, file, code]) => ({ page, file: file!, code: code! })),
);

describe('the settings of bundlers', () => {
  it.each(blocks)('$page shows $file as the project has it', ({ file, code }) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    // The comment at the head of a program is for readers of the project.
    expect(code).toBe(text.replace(/^\/\*\*.*?\*\/\n/s, ''));
  });

  it('the guide shows settings of each project, and each project has its folder', () => {
    const shown = new Set(blocks.map(({ file }) => file.split('/')[0]));
    shown.delete('shared');
    expect([...shown].toSorted()).toEqual(Object.keys(projects).toSorted());
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(
      folders
        .map(({ name }) => name)
        .filter((name) => name !== 'shared')
        .toSorted(),
    ).toEqual(Object.keys(projects).toSorted());
  });
});
