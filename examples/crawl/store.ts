/**
 * The crawl's database on the main thread: creates the tables, adds failures, queries the summary.
 */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { UsageError } from './options.js';

export class Store implements Disposable {
  readonly file: string;
  readonly #directory: string | undefined;
  readonly #database: Database.Database;

  /**
   * @param keep the file of the database. By default it is in a temporary folder until disposal.
   */
  constructor(keep?: string) {
    this.#directory = keep === undefined ? mkdtempSync(join(tmpdir(), 'crawl-')) : undefined;
    this.file = keep === undefined ? join(this.#directory!, 'crawl.db') : claim(resolve(keep));
    this.#database = new Database(this.file, { timeout: 10_000 });
    // With a write-ahead log, the writer doesn't wait for this connection, and this connection
    // doesn't wait for the writer.
    this.#database.pragma('journal_mode = WAL');
    this.#database.exec(schema);
  }

  addFailure(url: string, error: unknown): void {
    const { name, message, reason }: { name?: string; message?: string; reason?: string } = Object(error);
    const row = [url, name ?? 'Error', reason ?? message ?? String(error)];
    this.#database.prepare('INSERT INTO failures (url, error, reason) VALUES (?, ?, ?)').run(...row);
  }

  summary() {
    const all = <Row>(sql: string): Row[] => this.#database.prepare(sql).all() as Row[];
    return {
      types: all<TypeRow>(`
        SELECT type, count(*) AS documents, sum(bytes) AS bytes, sum(words) AS words,
          sum((SELECT count(*) FROM headings WHERE document = id)) AS headings,
          sum((SELECT count(*) FROM links WHERE document = id)) AS links
        FROM documents GROUP BY type ORDER BY documents DESC`),
      threads: all<{ thread: number; documents: number }>(
        'SELECT thread, count(*) AS documents FROM documents GROUP BY thread ORDER BY thread',
      ),
      hosts: all<LinkedRow>(mostLinked('host', 8)),
      addresses: all<LinkedRow>(mostLinked('url', 5)),
      slowest: all<{ url: string; fetchMs: number; parseMs: number; bytes: number }>(`
        SELECT url, fetch_ms AS fetchMs, parse_ms AS parseMs, bytes
        FROM documents ORDER BY fetch_ms + parse_ms DESC LIMIT 5`),
      failures: all<{ url: string; error: string; reason: string }>(
        'SELECT url, error, reason FROM failures ORDER BY error, reason, url',
      ),
    };
  }

  /**
   * Closes the database. Call it after the workers have exited, so that no log stays beside the
   * file.
   */
  [Symbol.dispose](): void {
    if (!this.#database.open) return;
    if (!this.#directory) this.#foldLog();
    this.#database.close();
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * Writes the content of the log into the database file. If a reader has the file open, the log
   * stays beside it, and the database is still complete.
   */
  #foldLog(): void {
    try {
      this.#database.pragma('journal_mode = DELETE');
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    }
  }
}

export type Summary = ReturnType<Store['summary']>;

interface TypeRow {
  type: string;
  documents: number;
  bytes: number;
  words: number;
  headings: number;
  links: number;
}

interface LinkedRow {
  name: string;
  documents: number;
  links: number;
}

/**
 * Returns the query for the hosts or addresses that most pages link to. It ignores links of a page
 * to its own host, because they are usually the menu of the site.
 */
function mostLinked(column: 'host' | 'url', limit: number): string {
  return `
    SELECT links.${column} AS name, count(DISTINCT document) AS documents, count(*) AS links
    FROM links JOIN documents ON documents.id = document AND documents.host <> links.host
    GROUP BY name ORDER BY documents DESC, links DESC, name LIMIT ${limit}`;
}

/**
 * Creates the file, or throws if it exists. If two crawls start at once, only one of them gets the
 * file, and existing data is not overwritten.
 */
function claim(file: string): string {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'EEXIST'
        ? `--keep: "${file}" exists already. Name a new file.`
        : `--keep: can't create the file "${file}" (${message})`,
    );
  }
  return file;
}

const schema = `
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    fetch_ms REAL NOT NULL,
    parse_ms REAL NOT NULL,
    title TEXT NOT NULL,
    words INTEGER NOT NULL,
    thread INTEGER NOT NULL
  );
  CREATE TABLE headings (document INTEGER NOT NULL REFERENCES documents, level INTEGER NOT NULL, text TEXT NOT NULL);
  CREATE TABLE links (
    document INTEGER NOT NULL REFERENCES documents,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    PRIMARY KEY (document, url)
  ) WITHOUT ROWID;
  CREATE INDEX headings_by_document ON headings (document);
  CREATE TABLE failures (url TEXT NOT NULL UNIQUE, error TEXT NOT NULL, reason TEXT NOT NULL);
`;
