/** Finds the task modules of the contenders, and the version of each contender. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

/** @param {string} module a file in ../tasks without its extension. The file may be missing. */
export function moduleUrl(module) {
  return new URL(`../tasks/${module}.mjs`, import.meta.url);
}

/** @param {string} module */
export function modulePath(module) {
  return fileURLToPath(moduleUrl(module));
}

/** @param {string} name name of a package */
export function versionOf(name) {
  const own = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  if (own.name === name) return own.version;
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, root), 'utf8')).version;
}
