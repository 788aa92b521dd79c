// @ts-check
/** The entries of the package by the names of their files: `index`, `worker`, … */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** @type {readonly string[]} */
export const entries = Object.values(exports).flatMap((entry) =>
  entry.import ? [path.basename(entry.import.default, '.js')] : [],
);

/** The entries that have types: those, and `web`, of which browsers have the only build. */
export const typed = [...entries, 'web'];
