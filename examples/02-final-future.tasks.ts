/**
 * The tasks of example 02: three stages that take 1 s, 0.5 s and 0.5 s, like a network and a disk.
 */
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Page {
  readonly title: string;
}

export async function fetchPage(url: string): Promise<string> {
  await sleep(1_000);
  return `<title>${url}</title>`;
}

export async function parse(html: string): Promise<Page> {
  await sleep(500);
  const title = /<title>(.*)<\/title>/.exec(html)?.[1];
  if (title === undefined) throw new SyntaxError('the page has no title');
  return { title };
}

export async function save(_page: Page): Promise<string> {
  await sleep(500);
  return 'Save successful';
}
