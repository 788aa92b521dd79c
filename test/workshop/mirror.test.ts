/** The mirror: each file of src has its test at the same place in test/, or a reason why not. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { notMirrored } from './not-mirrored.js';

const exists = (file: string) => existsSync(new URL(`../../${file}`, import.meta.url));
const testOf = (source: string) => `test/${source.replace(/\.ts$/, '.test.ts')}`;
const sources = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

it('each file of src has a test at the same place, or a reason in not-mirrored.ts', () => {
  const isListed = (file: string) =>
    notMirrored.some(({ source }) => (source.endsWith('/') ? file.startsWith(source) : file === source));
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((file) => !exists(testOf(file)) && !isListed(file))).toEqual([]);
});

it('the list names only files of src that exist and have no such test', () => {
  const stale = notMirrored.filter(({ source }) => !exists(`src/${source}`) || exists(testOf(source)));
  expect(stale.filter(({ source }) => !source.endsWith('/') || !exists(`src/${source}`))).toEqual([]);
});

it('the tests that the list names exist', () => {
  expect(notMirrored.filter(({ tests }) => tests !== undefined && !exists(`test/${tests}`))).toEqual([]);
});
