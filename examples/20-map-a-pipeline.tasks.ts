/** The tasks of example 20: three steps. Each one takes the result of the step before it. */
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function fetchPage(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  if (html.includes('slow')) await sleep(200);
  return html;
}

export function parse(html: string): string {
  const title = /<h1>(.*)<\/h1>/.exec(html)?.[1];
  if (title === undefined) throw new SyntaxError('the page has no heading');
  return title;
}

const shelf: string[] = [];

export function save(title: string): string {
  shelf.push(title);
  return `${title} is number ${shelf.length}`;
}
