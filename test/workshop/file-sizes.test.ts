/**
 * A file is one idea, and most ideas fit into 250 lines. A longer file names the reason in the
 * comment at its head: "This file is long because …".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const MAX_LINES = 250;

const root = new URL('../../src/', import.meta.url);
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(new URL(file, root), 'utf8') }));

const linesOf = (text: string) => text.trimEnd().split('\n').length;

/** The sentence with the reason is in the first comment of the file. */
const namesReason = (text: string) =>
  /file is long\b/.test(/\/\*\*.*?\*\//s.exec(text)?.[0].replace(/\s*\*\s*/g, ' ') ?? '');

it('a file of src has 250 lines at most, or names in its head the reason why it is long', () => {
  const long = sources.filter(({ text }) => linesOf(text) > MAX_LINES);
  expect(
    long.filter(({ text }) => !namesReason(text)).map(({ file, text }) => `${file}: ${linesOf(text)} lines`),
  ).toEqual([]);
});

it('no file of src that is short claims to be long', () => {
  const short = sources.filter(({ text }) => linesOf(text) <= MAX_LINES);
  expect(short.filter(({ text }) => namesReason(text)).map(({ file }) => file)).toEqual([]);
});

it('half of the files of src have 80 lines at most', () => {
  const lengths = sources.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80);
});
