/** The files of the page, which the build puts into `dist/dashboard/`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'styles.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/**
 * Reads the files. Their keys are the paths of the requests.
 *
 * @throws Error if they are missing, because a bundler has left them out
 */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = ['./dashboard/', '../../../dist/dashboard/'].map(pathBesideThis).find(existsSync);
  if (folder === undefined) {
    throw new Error(
      'serveDashboard(): the files of the page are missing beside the library, because a bundler left them out. Mark "rx-futures" as external, so that the program loads it from node_modules.',
    );
  }
  const files = Object.entries(TYPES).map(async ([name, type]) => {
    const content = await readFile(folder + name);
    return [name === 'index.html' ? '/' : `/${name}`, { type, content }] as const;
  });
  return new Map(await Promise.all(files));
}

/** The address of this code. In two pieces, as in backends/tinypool/host-file.ts. */
const ownUrl = import.meta.url;

/** Returns an empty string if this code has no file of its own, as in a CommonJS bundle. */
function pathBesideThis(path: string): string {
  try {
    // Sources that run without a build have a page.ts in a folder of this name.
    const found = fileURLToPath(new URL(path, ownUrl));
    return existsSync(`${found}page.js`) ? found : '';
  } catch {
    return '';
  }
}
