/** Expressions in the built files that bundlers would replace by references to files. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const built = reached(readdirSync(dist).filter((file) => /^(?!chunk-).*\.js$/.test(file))).map((file) => ({
  file,
  text: readFileSync(path.join(dist, file), 'utf8'),
}));

/** Returns the files that the entries load. Old chunks may be in dist too. */
function reached(entries: readonly string[]): string[] {
  const found = new Set(entries);
  for (const file of found) {
    const text = readFileSync(path.join(dist, file), 'utf8');
    for (const [, next] of text.matchAll(/^(?:import|export)\b.*['"]\.\/([^'"]+\.js)['"]/gm)) found.add(next!);
  }
  return [...found];
}

/** An `import()` whose module is known only at run time, with the comments before the argument. */
const IMPORT = /\bimport\((?<hints>(?:\s*\/\*.*?\*\/)*)\s*[\w$]+\s*\)/g;

describe('the built files', () => {
  it('each import() of a module that is known only at run time has the hints for bundlers', () => {
    const found = built.flatMap(({ file, text }) =>
      [...text.matchAll(IMPORT)].map(({ groups }) => ({ file, hints: groups!.hints! })),
    );
    expect(found).not.toEqual([]);
    const bare = found.filter(
      ({ hints }) =>
        !['webpackIgnore: true', '@vite-ignore', 'turbopackIgnore: true'].every((hint) => hints.includes(hint)),
    );
    expect(bare).toEqual([]);
  });

  it('no import() names a package, because a bundler would look for the package', () => {
    const names = built.flatMap(({ text }) => text.match(/^(?! *\*).*(?<!typeof )\bimport\(['"]\w.*$/gm) ?? []);
    expect(names).toEqual([]);
  });

  it('no address of an unknown file is relative to import.meta.url in one expression', () => {
    const addresses = built.flatMap(({ text }) => text.match(/new URL\(\w+, import\.meta\.url\)/g) ?? []);
    expect(addresses).toEqual([]);
  });
});
