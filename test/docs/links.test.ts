/** Checks that each link of README.md and docs/ leads to an existing file and heading. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Page, pages, root } from './pages.js';

/**
 * Start of the links from docs/ to other files of the repository. They are absolute, because the
 * site holds docs/ alone. So are the addresses of the pictures in README.md, which npm shows too.
 */
const IN_REPOSITORY =
  /^https:\/\/(?:github\.com\/rx-futures\/rx-futures\/(?:blob|tree)|raw\.githubusercontent\.com\/rx-futures\/rx-futures)\/main\//;

test.each(pages())('the relative links of $file lead to files and headings that exist', (page) => {
  expect(linksOf(page).filter((link) => !isExternal(link) && !leadsSomewhere(page, link))).toEqual([]);
});

test.each(pages())('the links of $file to the repository lead to files that exist', ({ file, text }) => {
  const links = linksOf({ file, text }).filter((link) => IN_REPOSITORY.test(link));
  expect(links.filter((link) => !existsSync(path.join(root, link.replace(IN_REPOSITORY, ''))))).toEqual([]);
});

test.each(pages().filter(({ file }) => file.startsWith('docs/')))(
  'the relative links of $file stay in docs/',
  (page) => {
    const targets = linksOf(page).filter((link) => !isExternal(link) && !link.startsWith('#'));
    expect(targets.filter((link) => !fileOf(page, link).startsWith('docs/'))).toEqual([]);
  },
);

test('every page of docs/ can be reached from README.md', () => {
  const all = new Map(pages().map((page) => [page.file, page]));
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const link of linksOf(all.get(file)!)) {
      const target = fileOf(all.get(file)!, link);
      if (!isExternal(link) && all.has(target)) reached.add(target);
    }
  }
  expect([...all.keys()].filter((file) => !reached.has(file))).toEqual([]);
});

test('docs/guarantees.md links every test of test/guarantees', () => {
  const { text } = pages().find(({ file }) => file === 'docs/guarantees.md')!;
  const tests = readdirSync(path.join(root, 'test/guarantees')).filter((file) => file.endsWith('.test.ts'));
  expect(tests.filter((file) => !text.includes(`/test/guarantees/${file})`))).toEqual([]);
});

/** Returns the targets of all links outside of code. */
function linksOf({ text }: Page): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]+`/g, '`code`');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
}

function isExternal(link: string): boolean {
  return /^(https?|mailto):/.test(link);
}

/** Returns the file of a relative link, relative to the root of the repository. */
function fileOf(page: Page, link: string): string {
  const [target = ''] = link.split('#', 1);
  return target === '' ? page.file : path.posix.join(path.posix.dirname(page.file), target);
}

function leadsSomewhere(page: Page, link: string): boolean {
  const file = fileOf(page, link);
  if (!existsSync(path.join(root, file))) return false;
  const anchor = link.split('#')[1];
  return anchor === undefined || anchorsOf(readFileSync(path.join(root, file), 'utf8')).includes(anchor);
}

/** The anchors of the headings for which GitHub and the site create the same anchor. */
function anchorsOf(markdown: string): string[] {
  const titles = [...markdown.replace(/^```.*?^```$/gms, '').matchAll(/^#{1,4} (.+)$/gm)].map(([, title]) => title!);
  return titles.filter((title) => onGitHub(title) === onSite(title)).map(onGitHub);
}

/** Returns the anchor of GitHub: lower case, no punctuation, a hyphen for each space. */
function onGitHub(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * Returns the anchor of the site: lower case, one hyphen for each run of spaces and punctuation.
 */
function onSite(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}
