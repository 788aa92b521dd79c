/** A Future instead of a promise. */
import type { ObservedValueOf } from 'rxjs';
import { exactly, fetchPage, type Page, parse, valueOfPromise, valueOfThenable } from './prelude.js';

{
  const result = Promise.all([parse('a'), fetchPage('a')]);
  exactly<Promise<[Page, string]>>()(result);
}
{
  const result = Promise.all(['a'].map((x) => parse(x)));
  exactly<Promise<Page[]>>()(result);
}
{
  const result = Promise.race([parse('a'), fetchPage('a')]);
  exactly<Promise<Page | string>>()(result);
}
{
  const result = Promise.any([parse('a'), fetchPage('a')]);
  exactly<Promise<Page | string>>()(result);
}
{
  const result = Promise.allSettled([parse('a')]);
  exactly<Promise<[PromiseSettledResult<Page>]>>()(result);
}
{
  const result = Promise.resolve(parse('a'));
  exactly<Promise<Page>>()(result);
}
{
  const result = Promise.resolve(1).then(() => parse('a'));
  exactly<Promise<Page>>()(result);
}
{
  const result = (async () => parse('a'))();
  exactly<Promise<Page>>()(result);
}
{
  const result = (async (): Promise<Page> => parse('a'))();
  exactly<Promise<Page>>()(result);
}
{
  const result: Promise<Page> = parse('a');
  exactly<Promise<Page>>()(result);
}
{
  const result: PromiseLike<Page> = parse('a');
  exactly<PromiseLike<Page>>()(result);
}
{
  const result = [] as unknown as [ObservedValueOf<ReturnType<typeof parse>>, Awaited<ReturnType<typeof parse>>];
  exactly<[Page, Page]>()(result);
}
{
  const result = valueOfPromise(parse('a'));
  exactly<Page>()(result);
}
{
  const result = valueOfThenable(parse('a'));
  exactly<Page>()(result);
}
{
  const result = parse('a').then((p) => p.title);
  exactly<Promise<string>>()(result);
}
