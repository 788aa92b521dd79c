/** Reads and checks the command line of the crawl. A UsageError names the correct usage. */
import { parseArgs } from 'node:util';

/** The name of the queue on which the servers take pages. */
export const queue = 'crawl';

/** Returns the command that starts a server, in the folder of this project. */
export function serve(redis: string): string {
  return `npx rx-futures serve examples/crawl/tasks.ts --redis ${redis} --queue ${queue} --concurrency 16`;
}

export const usage = `Fetches pages, parses them and saves them to SQLite, on worker threads.

Usage: npm start -- [options] [URL...]

Without a URL, it crawls the Markdown and HTML files of the packages in node_modules, through a local server.

  --workers <n>   number of worker threads (default: the number of processors)
  --keep <file>   keep the database in this new file (default: a temporary one, removed at the end)
  --redis <url>   fetch and parse on servers, over the queue "${queue}" in this Redis; this process saves the pages.
                  On each server, run: ${serve('<url>')}
                  The servers must be able to reach the URLs. The local server is reachable only on this machine.
  --dashboard     serve a page that shows the crawl live. On a terminal it stays open until Ctrl-C
  --help          show this text`;

export interface Options {
  readonly help: boolean;
  readonly urls: readonly string[];
  readonly workers: number | undefined;
  readonly keep: string | undefined;
  readonly redis: string | undefined;
  readonly dashboard: boolean;
}

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = split(args);
  return {
    help: values.help ?? false,
    urls: [...new Set(positionals.map(readUrl))],
    workers: values.workers === undefined ? undefined : readWorkers(values.workers),
    keep: values.keep,
    redis: values.redis === undefined ? undefined : readRedis(values.redis),
    dashboard: values.dashboard ?? false,
  };
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

function split(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        workers: { type: 'string' },
        keep: { type: 'string' },
        redis: { type: 'string' },
        dashboard: { type: 'boolean' },
      },
    });
  } catch (error) {
    // The second sentence of Node's message is about arguments that start with a dash. No URL does.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function readUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new UsageError(`"${text}" is not a web address. Write the whole address, such as https://example.org/page`);
  }
  const url = new URL(text);
  // A fragment names a place on a page. Two fragments of one page would save the page twice.
  url.hash = '';
  return url.href;
}

function readWorkers(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`--workers takes a whole number from 1 to 999, not "${text}"`);
  return Number(text);
}

function readRedis(text: string): string {
  if (/^rediss?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`--redis takes an address such as redis://localhost:6379, not "${text}"`);
}
