/** The TypeScript of a Markdown file, with what the comment before each block says about it. */

export interface Block {
  /** Of the code's first line, for the reader of a failure. */
  readonly line: number;
  /** `run`, `file: <name>`, or undefined where the comment is missing. */
  readonly mark: string | undefined;
  readonly code: string;
}

/** What a program says that it prints. */
export interface Expected {
  readonly lines: readonly string[];
  readonly inOrder: boolean;
}

export function blocksOf(markdown: string): Block[] {
  const fence = /(?:^<!-- (.+?) -->\n)?^```ts\n(.*?)^```$/gms;
  return [...markdown.matchAll(fence)].map((match) => {
    const start = match.index + match[0].indexOf('```ts');
    return { line: markdown.slice(0, start).split('\n').length + 1, mark: match[1], code: match[2]! };
  });
}

/** The comment that ends the block: `// Output:`, or `// Output (in words, what may come in another order):`. */
export function expectedOf({ code }: Block): Expected | undefined {
  const match = /^\/\/ Output( \(.+\))?:\n((?:^\/\/.*\n)+)$/m.exec(code);
  if (match === null) return undefined;
  const lines = match[2]!.trimEnd().split('\n');
  return { lines: lines.map((line) => line.replace(/^\/\/ ?/, '')), inOrder: match[1] === undefined };
}
