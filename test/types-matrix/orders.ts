/** Joins the blocks of `cases` into one file, in several orders. */
import { readdirSync, readFileSync } from 'node:fs';

/** Texts of files. */
export interface Orders {
  /** The blocks in the order of the files of `cases`. */
  readonly first: readonly string[];
  /**
   * The same order, then orders that start at each of the `STARTS`, a reversed one and a shuffled
   * one.
   */
  readonly every: readonly string[];
  /** Only functions that accept every ObservableInput. */
  readonly inputs: readonly string[];
}

/**
 * Parts of the blocks with which an order starts. Each of these blocks once changed the types that
 * TypeScript inferred from futures later in the file.
 */
const STARTS = [
  'for await (const o of asCompleted',
  'mergeMap((x) => fetchPage(x))',
  'mergeMap(fetchPage)',
  'expand((x) => fetchPage(x))',
  'defer(() => fetchPage',
  'from(count.stream(3))',
  'Future.from(of(1))',
];

const folder = new URL('./cases/', import.meta.url);
const prelude = 'prelude.ts';
const preludeText = readFileSync(new URL(prelude, folder), 'utf8');

export function readOrders(): Orders {
  const files = readdirSync(folder)
    .filter((name) => name !== prelude)
    .sort();
  const cases = files.map((name) => readCases(name));
  const forward = cases.flatMap(({ blocks }) => blocks);
  const starting = STARTS.map((start) => from(forward, start));
  const orders = [forward, ...starting, [...forward].reverse(), shuffled(forward)];
  const inputs = cases.filter((_, index) => /^(creators|operators)/.test(files[index]!));
  return {
    first: [fileOf(cases, forward)],
    every: orders.map((blocks) => fileOf(cases, blocks)),
    inputs: [
      fileOf(
        inputs,
        inputs.flatMap(({ blocks }) => blocks),
      ),
    ],
  };
}

interface Cases {
  /** Names by module: `import { … } from '…'`. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** Blocks that start with a line `{` and end with a line `}`. */
  readonly blocks: readonly string[];
}

function readCases(name: string): Cases {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const blocks = text.match(/^\{$.*?^\}$/gms) ?? [];
  if (blocks.length === 0)
    throw new Error(`types-matrix: ${name} has no blocks. Write each case as a block at the top level.`);
  return { imports: importsOf(text), blocks };
}

const IMPORT = /^import (type )?\{([^}]*)\} from '([^']+)';$/gm;

function importsOf(text: string): Map<string, readonly string[]> {
  const imports = new Map<string, readonly string[]>();
  for (const [, type, list, module] of text.matchAll(IMPORT)) {
    const names = list!.split(',').map((name) => name.trim());
    imports.set(
      module!,
      names.filter((name) => name !== '').map((name) => (type === undefined ? name : `type ${name}`)),
    );
  }
  return imports;
}

/**
 * Returns the text of a file. The prelude is a part of each file, because TypeScript checks
 * imported files first. Types that it compares there could hide an order that fails.
 */
function fileOf(cases: readonly Cases[], blocks: readonly string[]): string {
  const shared = { imports: importsOf(preludeText), blocks: [] };
  const all = [shared, ...cases];
  const modules = new Set(all.flatMap(({ imports }) => [...imports.keys()]));
  modules.delete('./prelude.js');
  const lines = [...modules].map((module) => {
    const names = new Set(all.flatMap(({ imports }) => imports.get(module) ?? []));
    // A class may be imported as a type in one file and as a value in another.
    for (const name of names) names.delete(`type ${name}`);
    return `import { ${[...names].join(', ')} } from '${module}';`;
  });
  const parts = blocks.map((block, index) => partsOf(block, index));
  const text = [lines, preludeText.replace(IMPORT, ''), parts.map(({ use }) => use), parts.map(({ proof }) => proof)];
  return `${text.flat().join('\n')}\n`;
}

/**
 * Splits a block into the code of a user and the proof of its type. All proofs stand at the end of
 * the file, because a proof compares types too and could repair later inferences.
 */
function partsOf(block: string, index: number): { use: string; proof: string } {
  const lines = block
    .replaceAll(/\b(result|run)\b/g, `$1${index}`)
    .split('\n')
    .slice(1, -1);
  const isProof = (line: string) => line.startsWith('  exactly<');
  return {
    use: lines.filter((line) => !isProof(line)).join('\n'),
    proof: lines.filter(isProof).join('\n'),
  };
}

/** Returns the blocks in an order that starts with the block that contains `start`. */
function from(blocks: readonly string[], start: string): string[] {
  const index = blocks.findIndex((block) => block.includes(start));
  if (index === -1) throw new Error(`types-matrix: no block has "${start}". Correct STARTS in orders.ts.`);
  return [...blocks.slice(index), ...blocks.slice(0, index)];
}

/** Returns the items in a pseudo-random order, which is the same each time. */
function shuffled<T>(items: readonly T[]): T[] {
  let state = 7;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  return items
    .map((item) => ({ item, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
