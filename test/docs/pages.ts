/** The pages that users read: README.md and docs/, without the generated reference. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Page {
  /** Path from the root of the repository, with slashes. */
  readonly file: string;
  readonly text: string;
}

/** Folders of docs/ that hold generated or installed files. */
const GENERATED = /^docs\/(reference\/api|\.vitepress|node_modules)\//;

export function pages(): Page[] {
  const found = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll(path.sep, '/')}`)
    .filter((file) => file.endsWith('.md') && !GENERATED.test(file));
  return ['README.md', ...found.toSorted()].map((file) => ({
    file,
    text: readFileSync(path.join(root, file), 'utf8'),
  }));
}
