/** The sidebar: the groups by question, and the pages of docs/ in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DefaultTheme } from 'vitepress';

type Item = DefaultTheme.SidebarItem;

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Pages and folders of each group, in their order. A folder stands for its pages that are not named
 * before it.
 */
const groups: readonly { readonly text: string; readonly pages: readonly string[]; readonly collapsed?: boolean }[] = [
  { text: 'Getting started', pages: ['getting-started', 'playground'] },
  { text: 'Concepts', pages: ['concepts', 'guarantees'] },
  {
    text: 'Guides',
    pages: [
      'guides/chains',
      'guides/streams',
      'guides/map',
      'guides/many-futures',
      'guides/cancellation',
      'guides/errors',
      'guides/progress',
      'guides/observability',
      'guides/traces',
      'guides/opentelemetry',
      'guides/dashboard',
      'guides/transfer',
      'guides/resources',
      'guides/servers',
      'guides/testing',
      'guides/bundlers',
      'guides/browsers',
      'guides/frameworks',
      'guides/',
    ],
  },
  {
    text: 'Queue',
    pages: ['queue/overview', 'queue/serving', 'queue/attach', 'queue/failures', 'queue/operations', 'queue/'],
  },
  { text: 'Migration', pages: ['migrate/python', 'migrate/piscina', 'migrate/rxjs', 'migrate/'] },
  { text: 'Reference', pages: ['reference/', 'reference/api/index'] },
  { text: 'Reliability, performance, limits', pages: ['runtimes', 'reliability', 'performance', 'limits'] },
  {
    text: 'Internals',
    pages: [
      'internals/index',
      'internals/architecture',
      'internals/glossary',
      'internals/ledger',
      'internals/batching',
      'internals/keys',
      'internals/actors',
      'internals/streams',
      'internals/mailbox',
      'internals/queue',
      'internals/',
    ],
    collapsed: true,
  },
  { text: 'Decisions', pages: ['decisions/index', 'decisions/'], collapsed: true },
  {
    text: 'Contributing',
    pages: [
      'contributing/index',
      'contributing/add-an-operator',
      'contributing/add-a-backend',
      'contributing/writing-style',
      'contributing/',
    ],
    collapsed: true,
  },
];

/** Groups without a page are left out. */
export function sidebar(): Item[] {
  return groups.flatMap(({ text, pages, collapsed }) => {
    const items = pagesOf(pages).map((page) => ({ text: titleOf(page), link: `/${page}`.replace(/index$/, '') }));
    return items.length === 0 ? [] : [{ text, items, ...(collapsed && { collapsed }) }];
  });
}

/** The generated reference has a sidebar of its own. */
export function referenceSidebar(): Item[] {
  const file = path.join(root, 'reference/api/typedoc-sidebar.json');
  if (!existsSync(file)) return sidebar();
  return [
    { text: 'Guides and concepts', link: '/' },
    { text: 'All exports', link: '/reference/api/' },
    ...(JSON.parse(readFileSync(file, 'utf8')) as Item[]),
  ];
}

function pagesOf(pages: readonly string[]): string[] {
  const named = pages.flatMap((page) => (page.endsWith('/') ? inFolder(page) : [page]));
  return [...new Set(named)].filter((page) => existsSync(fileOf(page)));
}

function inFolder(folder: string): string[] {
  if (!existsSync(path.join(root, folder))) return [];
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.md'));
  return files.toSorted().map((file) => `${folder}${file.replace(/\.md$/, '')}`);
}

function fileOf(page: string): string {
  return path.join(root, `${page}.md`);
}

/**
 * The first heading, without Markdown. The first page of a group has the title of the group, so it
 * gets another one.
 */
function titleOf(page: string): string {
  if (page.endsWith('/index')) return page === 'reference/api/index' ? 'All exports' : 'Overview';
  const title = /^# (.+)$/m.exec(readFileSync(fileOf(page), 'utf8'))?.[1] ?? path.basename(page);
  return title.replaceAll('`', '').replaceAll(/\\(.)/g, '$1');
}
