/** The files that the pages name exist: a page about the code must follow when a file is moved. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './pages.js';

const folders = ['internals', 'decisions', 'contributing'];
const pages = folders.flatMap((folder) =>
  readdirSync(path.join(root, 'docs', folder)).map((file) => `docs/${folder}/${file}`),
);

/**
 * Paths in code, such as `src/index.ts`. A path with a placeholder in angle brackets is an example.
 */
const PATH = /`((?:src|test|docs|scripts|\.ci)\/[\w./-]*|[\w-]+\.(?:config\.ts|json))`/g;

test.each([...pages, 'CONTRIBUTING.md'])('every file that %s names exists', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8');
  const named = [...text.matchAll(PATH)].map(([, file]) => file!);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});

test('src/README.md names every folder of src', () => {
  const map = readFileSync(path.join(root, 'src/README.md'), 'utf8');
  const entries = readdirSync(path.join(root, 'src'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`);
  expect(names.filter((name) => !map.includes(name))).toEqual([]);
});

test('docs/decisions/index.md links to every decision', () => {
  const index = readFileSync(path.join(root, 'docs/decisions/index.md'), 'utf8');
  const decisions = pages.map((page) => path.basename(page)).filter((file) => /^\d{4}-/.test(file));
  expect(decisions.filter((file) => !index.includes(`](${file})`))).toEqual([]);
});
