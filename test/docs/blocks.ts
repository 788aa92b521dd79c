/** Finds the TypeScript blocks of a Markdown file, with the comment before each block. */

export interface Block {
  /** Line number of the first line of code, for messages about a failure. */
  readonly line: number;
  /**
   * `run`, `file: <name>`, or undefined if the comment is missing. `from src: <path>` shows types
   * of a file of src, and `new in src: <path>` is a file that could stand there. `example: <path>`
   * shows a part of a file of examples/.
   */
  readonly mark: string | undefined;
  readonly code: string;
}

/** The output of a program according to its last comment. */
export interface Expected {
  readonly lines: readonly string[];
  readonly inOrder: boolean;
}

export function blocksOf(markdown: string): Block[] {
  const fence = /(?:^<!-- ([^\n]+?) -->\n)?^```ts\n(.*?)^```$/gms;
  return [...markdown.matchAll(fence)].map((match) => {
    const start = match.index + match[0].indexOf('```ts');
    return { line: markdown.slice(0, start).split('\n').length + 1, mark: match[1], code: match[2]! };
  });
}

/** Returns true for a part of an application in examples/, which has tests of its own. */
export function isOfExamples({ mark = '' }: Block): boolean {
  return mark.startsWith('example: ');
}

/** Returns true for a block that shows code of the library itself, not of a user. */
export function isOfSources({ mark = '' }: Block): boolean {
  return /^(from|new in) src: /.test(mark);
}

/**
 * Reads the comment that ends the block. It starts with `// Output:`, or with `// Output (reason):`
 * if the lines may be printed in another order.
 */
export function expectedOf({ code }: Block): Expected | undefined {
  const match = /^\/\/ Output( \(.+\))?:\n((?:^\/\/.*\n)+)$/m.exec(code);
  if (match === null) return undefined;
  const lines = match[2]!.trimEnd().split('\n');
  return { lines: lines.map((line) => line.replace(/^\/\/ ?/, '')), inOrder: match[1] === undefined };
}
