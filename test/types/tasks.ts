/** The tasks of the worked example, for the type tests and for tests that need a module. */
export interface Page {
  readonly url: string;
  readonly title: string;
}

export interface Receipt {
  readonly id: number;
  readonly url: string;
}

export async function fetchPage(url: string): Promise<string> {
  return `<${url}>`;
}

export function parse(html: string): Page {
  const url = html.slice(1, -1);
  return { url, title: `Page ${url}` };
}

export async function save(page: Page): Promise<Receipt> {
  return { id: page.title.length, url: page.url };
}

/** A generator: it has a stream, and can't be called. */
export function* count(to: number): Generator<number> {
  for (let i = 1; i <= to; i++) yield i;
}

export async function* listen(topic: string): AsyncGenerator<string> {
  yield topic;
}

/** An optional argument, and a result that may be undefined. */
export function find(pages: readonly Page[], title?: string): Page | undefined {
  return pages.find((page) => page.title === title);
}

/** An export that is not a function, so it is not a task. */
export const version = '1.0';
