/**
 * The steps of the crawl, as the workers run them: fetch a page, parse it, save it. They are plain functions that know
 * nothing of threads, and each step takes what the one before it gave.
 */
import { threadId } from 'node:worker_threads';
import * as cheerio from 'cheerio';
import Database from 'libsql';
import { marked } from 'marked';

export interface Page {
  readonly url: string;
  /** Where redirects led, which relative links start from. */
  readonly base: string;
  readonly type: string;
  readonly body: string;
  readonly bytes: number;
  readonly fetchMs: number;
}

export interface ParsedPage extends Omit<Page, 'base' | 'body'> {
  readonly parseMs: number;
  readonly title: string;
  readonly words: number;
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  /** Each address that the page links to, once. */
  readonly links: readonly { readonly url: string; readonly host: string }[];
}

export interface Receipt {
  readonly id: number;
  readonly url: string;
}

/** Opens this worker's own connection: an initializer, so it runs once, before the worker's first step. */
export function openStore(file: string): void {
  // SQLite lets one writer in at a time. The others wait for up to 10 s, which no save comes near.
  const database = new Database(file, { timeout: 10_000 });
  database.pragma('synchronous = NORMAL');
  const addDocument = database.prepare(`
    INSERT INTO documents (url, host, type, bytes, fetch_ms, parse_ms, title, words, thread)
    VALUES (:url, :host, :type, :bytes, :fetchMs, :parseMs, :title, :words, :thread)`);
  const addHeading = database.prepare('INSERT INTO headings (document, level, text) VALUES (?, ?, ?)');
  const addLink = database.prepare('INSERT INTO links (document, url, host) VALUES (?, ?, ?)');

  // IMMEDIATE takes the write lock at once: a transaction that asks for it halfway fails where it could have waited.
  insert = database.transaction(({ headings, links, ...page }: ParsedPage): Receipt => {
    const { lastInsertRowid } = addDocument.run({ ...page, host: hostOf(page.url), thread: threadId });
    const id = Number(lastInsertRowid);
    for (const heading of headings) addHeading.run(id, heading.level, heading.text);
    for (const link of links) addLink.run(id, link.url, link.host);
    return { id, url: page.url };
  }).immediate;
}

let insert: ((page: ParsedPage) => Receipt) | undefined;

export async function fetchPage(url: string): Promise<Page> {
  const started = performance.now();
  try {
    const response = await fetch(url, { headers: { accept }, signal: AbortSignal.timeout(patience) });
    const { type, charset } = contentOf(response);
    if (!response.ok || !readable.test(type)) {
      await response.body?.cancel();
      const refusal = `${response.status} ${response.statusText}`.trim();
      throw new FetchError(
        url,
        response.ok ? `neither HTML nor Markdown: ${type || 'no type'}` : refusal,
        response.status,
      );
    }
    const bytes = await response.arrayBuffer();
    return {
      url,
      base: response.url,
      type,
      body: new TextDecoder(charset).decode(bytes),
      bytes: bytes.byteLength,
      fetchMs: performance.now() - started,
    };
  } catch (error) {
    throw error instanceof FetchError ? error : new FetchError(url, reasonOf(error), undefined, { cause: error });
  }
}

const accept = 'text/markdown, text/html;q=0.9, text/plain;q=0.5';
const readable = /^(text\/(html|markdown|plain)|application\/xhtml\+xml)$/;
/** Milliseconds until an address counts as silent: more than a healthy page needs, less than a reader's patience. */
const patience = 2_000;

/** What the server says it sends; a Markdown file that comes as plain text is Markdown. */
function contentOf({ headers, url }: Response): { type: string; charset: string | undefined } {
  const header = (headers.get('content-type') ?? '').toLowerCase();
  const named = header.split(';')[0]!.trim();
  const isMarkdown = named === 'text/plain' && /\.(md|markdown)$/i.test(new URL(url).pathname);
  return { type: isMarkdown ? 'text/markdown' : named, charset: /charset="?([^";\s]+)/.exec(header)?.[1] };
}

/** Why an address gave no page. `reason` is the message without the address, so that equal failures can be counted. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly reason: string;
  readonly status: number | undefined;

  constructor(url: string, reason: string, status?: number, options?: ErrorOptions) {
    super(`${url}: ${reason}`, options);
    this.reason = reason;
    this.status = status;
  }
}

/** `fetch` only says "fetch failed"; what happened is in the cause, or in its code where the message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer within ${patience} ms`;
  const cause = (error as Error).cause as (Error & { code?: string }) | undefined;
  return cause?.message || cause?.code || (error as Error).message;
}

export function parse({ base, body, ...page }: Page): ParsedPage {
  const started = performance.now();
  const $ = cheerio.load(page.type === 'text/markdown' ? marked.parse(body, { async: false }) : body);
  $('script, style, noscript, template').remove();

  const headings = $('h1, h2, h3, h4, h5, h6')
    .map((_, heading) => ({ level: Number(heading.tagName[1]), text: clean($(heading).text()) }))
    .get();
  const targets = $('a[href]')
    .map((_, anchor) => resolve($(anchor).attr('href')!, base))
    .get();
  return {
    ...page,
    title: clean($('head > title').text()) || headings[0]?.text || page.url,
    words: $('body').text().match(word)?.length ?? 0,
    headings,
    links: [...new Set(targets)].map((url) => ({ url, host: hostOf(url) })),
    parseMs: performance.now() - started,
  };
}

const word = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;
const clean = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The whole address without its fragment; nothing for what is no page: mail, scripts, a place on the page itself. */
function resolve(href: string, base: string): string | undefined {
  if (href.startsWith('#') || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  url.hash = '';
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

const hostOf = (url: string): string => new URL(url).host.replace(/^www\./, '');

export function save(page: ParsedPage): Receipt {
  if (!insert) throw new Error('save needs a database: run openStore(file) first, as the executor’s initializer');
  return insert(page);
}
