/** Finds the task module that the option `tasks` names. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Returns the URL of the module. A path is relative to the working directory. */
export function moduleUrl(tasks: URL | string): string {
  const url =
    tasks instanceof URL || /^[a-z][a-z\d+.-]+:/i.test(tasks) ? new URL(tasks) : pathToFileURL(path.resolve(tasks));
  if (url.protocol !== 'file:' || existsSync(fileURLToPath(url))) return url.href;
  // TypeScript's rule: './tasks.js' in a source tree means './tasks.ts'.
  const source = new URL(url);
  source.pathname = url.pathname.replace(/\.([mc]?)js$/, '.$1ts');
  return existsSync(fileURLToPath(source)) ? source.href : url.href;
}
