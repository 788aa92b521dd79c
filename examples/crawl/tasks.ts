/**
 * The tasks of the crawl, which run on workers: fetch a page, parse it, save it. Each takes the
 * result of the one before it. Pages are fetched and parsed by plain functions, on any worker. An
 * actor owns the database and saves them, because SQLite allows one writer at a time.
 */
import { threadId } from 'node:worker_threads';
import * as cheerio from 'cheerio';
import Database from 'libsql';
import { marked } from 'marked';

export interface Page {
  readonly url: string;
  /** The address after redirects. Relative links are resolved against it. */
  readonly base: string;
  readonly type: string;
  readonly body: string;
  readonly bytes: number;
  readonly fetchMs: number;
}

export interface ParsedPage extends Omit<Page, 'base' | 'body'> {
  readonly parseMs: number;
  /** The thread that parsed the page. */
  readonly thread: number;
  readonly title: string;
  readonly words: number;
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  /** Addresses that the page links to, without duplicates. */
  readonly links: readonly { readonly url: string; readonly host: string }[];
}

export interface Receipt {
  readonly id: number;
  readonly url: string;
}

/** The connection to the database. One worker has the object, and saves one page at a time. */
export class Writer {
  readonly #database: Database.Database;
  readonly #insert: (page: ParsedPage) => Receipt;

  constructor(file: string) {
    const database = new Database(file, { timeout: 10_000 });
    database.pragma('synchronous = NORMAL');
    const addDocument = database.prepare(`
      INSERT INTO documents (url, host, type, bytes, fetch_ms, parse_ms, title, words, thread)
      VALUES (:url, :host, :type, :bytes, :fetchMs, :parseMs, :title, :words, :thread)`);
    const addHeading = database.prepare('INSERT INTO headings (document, level, text) VALUES (?, ?, ?)');
    const addLink = database.prepare('INSERT INTO links (document, url, host) VALUES (?, ?, ?)');

    this.#database = database;
    this.#insert = database.transaction(({ headings, links, ...page }: ParsedPage): Receipt => {
      const { lastInsertRowid } = addDocument.run({ ...page, host: hostOf(page.url) });
      const id = Number(lastInsertRowid);
      for (const heading of headings) addHeading.run(id, heading.level, heading.text);
      for (const link of links) addLink.run(id, link.url, link.host);
      return { id, url: page.url };
    });
  }

  save(page: ParsedPage): Receipt {
    return this.#insert(page);
  }

  /** Runs on the worker after the last page. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}

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
/** Time limit of a request in ms: longer than a healthy page needs, and short enough for a user. */
const patience = 2_000;

/**
 * Returns the content type that the server sent. A Markdown file sent as plain text is Markdown.
 */
function contentOf({ headers, url }: Response): { type: string; charset: string | undefined } {
  const header = (headers.get('content-type') ?? '').toLowerCase();
  const named = header.split(';')[0]!.trim();
  const isMarkdown = named === 'text/plain' && /\.(md|markdown)$/i.test(new URL(url).pathname);
  return { type: isMarkdown ? 'text/markdown' : named, charset: /charset="?([^";\s]+)/.exec(header)?.[1] };
}

/**
 * The reason for which an address returned no page. `reason` is the message without the address, so
 * that equal failures can be counted.
 */
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

/**
 * Returns the reason for a failed `fetch`. Its own message is only "fetch failed". The reason is
 * the message of the cause, or the code of the cause if that message is empty.
 */
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
    thread: threadId,
  };
}

const word = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;
const clean = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * Returns the absolute address without its fragment. Returns undefined for links that don't lead to
 * a page: mail, scripts, a place on the page itself.
 */
function resolve(href: string, base: string): string | undefined {
  if (href.startsWith('#') || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  url.hash = '';
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

const hostOf = (url: string): string => new URL(url).host.replace(/^www\./, '');
