/** The names of the package: each is documented where users look for it, and in its source. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './pages.js';
import { entries, exportsOf } from './tsdoc.js';

const page = readFileSync(path.join(root, 'docs/reference/names.md'), 'utf8');
/** The items of the lists: their names, and the text with its link. */
const items = [...page.matchAll(/^- (\*\*`.*?`\*\*): (.*(?:\n {2}.*)*)/gm)].map(([, names, text]) => ({
  names: [...names!.matchAll(/`(\w+)(?:\(\))?`/g)].map(([, name]) => name!),
  text: text!,
}));

it('docs/reference/names.md explains each exported name, and links the page that shows its use', () => {
  const isComplete = ({ text }: { text: string }) => /^\w[^[]*\[[^\]]+\]\([\w./-]+\.md/.test(text);
  const explained = new Set(items.filter(isComplete).flatMap(({ names }) => names));
  const exported = entries.flatMap(exportsOf).map(({ name }) => name);
  expect(exported.filter((name) => !explained.has(name))).toEqual([]);
});

it('docs/reference/names.md has each name once, and no name that the package does not export', () => {
  const names = items.flatMap((item) => item.names);
  const exported = new Set(entries.flatMap(exportsOf).map(({ name }) => name));
  expect(names.filter((name, index) => !exported.has(name) || names.indexOf(name) !== index)).toEqual([]);
});

it('the glossary links the page of all names', () => {
  const concepts = readFileSync(path.join(root, 'docs/concepts.md'), 'utf8');
  expect(concepts.slice(concepts.indexOf('## Glossary'))).toContain('](reference/names.md)');
});

/**
 * `code` of an error and `status` of an outcome are literals, which say everything. The first
 * signature of a function carries the documentation of all.
 */
it('each exported name and each of its members has a comment, except literals and further signatures', () => {
  const reports = readdirSync(path.join(root, 'etc')).filter((file) => file.endsWith('.api.md'));
  expect(reports).toHaveLength(entries.length);
  const missing = reports.flatMap((file) => {
    const lines = readFileSync(path.join(root, 'etc', file), 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      if (!line.endsWith('(undocumented)')) return [];
      const signature = lines.slice(index + 1).find((next) => !next.trim().startsWith('//'))!;
      // Members are compared within their interface or class, functions within the report.
      const [name] = /^ *(?:export function |static )?\w+(?=[<(])/.exec(signature) ?? [];
      const block = name?.startsWith(' ')
        ? lines.slice(lines.lastIndexOf('}', index) + 1, index)
        : lines.slice(0, index);
      const isFurther = name !== undefined && block.some((before) => before.startsWith(name));
      return isFurther || /^ +readonly (code|status)\b/.test(signature) ? [] : [`${file}: ${signature.trim()}`];
    });
  });
  expect(missing).toEqual([]);
});
