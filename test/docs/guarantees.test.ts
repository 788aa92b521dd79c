/**
 * Holds that a guarantee has one wording: its heading in docs/guarantees.md starts the header and
 * each title of its tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { root } from './pages.js';

const page = readFileSync(path.join(root, 'docs/guarantees.md'), 'utf8');
const headings = new Map([...page.matchAll(/^## (G\d+) .+$/gm)].map(([line, number]) => [number!, line.slice(3)]));
const folder = path.join(root, 'test/guarantees');
const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));

const headingOf = (file: string) => headings.get(`G${Number(/^g(\d+)-/.exec(file)?.[1])}`);

/** The header, and the titles of the outer calls of `describe` and `it`. */
function wordsOf(file: string): string[] {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const header = (/^\/\*\*(.*?)\*\//s.exec(text)?.[1] ?? '').replace(/\s*\n? \*? ?/g, ' ').trim();
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const titles = source.statements.flatMap((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return [];
    const { expression, arguments: given } = statement.expression;
    if (!/^(describe|it|test)\b/.test(expression.getText()) || given[0] === undefined) return [];
    return [given[0].getText().slice(1, -1)];
  });
  return [header, ...titles];
}

it.each(files)('the heading of its guarantee starts the header and each outer title of %s', (file) => {
  const heading = headingOf(file);
  expect(heading).toBeDefined();
  const words = wordsOf(file);
  expect(words.length).toBeGreaterThan(1);
  const isStart = (text: string) => text.startsWith(heading!) && /^($|[.:,]| \()/.test(text.slice(heading!.length));
  expect(words.filter((text) => !isStart(text))).toEqual([]);
});

it('each test in test/guarantees is linked from its guarantee in docs/guarantees.md', () => {
  const sections = page.split(/^## /m);
  const unlinked = files.filter((file) => {
    const section = sections.find((text) => text.startsWith(headingOf(file) ?? '\0'));
    return !section?.includes(`test/guarantees/${file})`);
  });
  expect(unlinked).toEqual([]);
});
