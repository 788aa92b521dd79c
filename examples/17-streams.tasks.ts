/** The tasks of example 17: `grep` searches files and yields each matching line at once. */
import { readFile } from 'node:fs/promises';

export interface Hit {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export async function* grep(pattern: RegExp, files: readonly string[]): AsyncGenerator<Hit> {
  search = { filesRead: 0, isClosed: false };
  try {
    for (const file of files) {
      const lines = (await readFile(file, 'utf8')).split('\n');
      search.filesRead++;
      for (const [i, text] of lines.entries()) {
        if (pattern.test(text)) yield { file, line: i + 1, text };
      }
    }
  } finally {
    // Also runs when the reader unsubscribes. Close open files and connections here.
    search.isClosed = true;
  }
}

let search = { filesRead: 0, isClosed: false };

export function lastSearch(): typeof search {
  return search;
}
