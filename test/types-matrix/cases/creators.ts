/** Functions that make an Observable of Futures and ResultStreams. */
import {
  combineLatest,
  concat,
  defer,
  forkJoin,
  from,
  iif,
  merge,
  type Observable,
  type ObservableInput,
  onErrorResumeNext,
  race,
  zip,
} from 'rxjs';
import { count, exactly, fetchPage, type Page, parse, valueOfInput } from './prelude.js';

{
  const result = from(parse('a'));
  exactly<Observable<Page>>()(result);
}
{
  const result = from(count.stream(3));
  exactly<Observable<number>>()(result);
}
{
  const result = defer(() => fetchPage('a'));
  exactly<Observable<string>>()(result);
}
{
  const result = iif(() => true, parse('a'), fetchPage('a'));
  exactly<Observable<Page | string>>()(result);
}
{
  const result = forkJoin([parse('a'), fetchPage('a')]);
  exactly<Observable<[Page, string]>>()(result);
}
{
  const result = forkJoin({ page: parse('a'), text: fetchPage('a') });
  exactly<Observable<{ page: Page; text: string }>>()(result);
}
{
  const result = forkJoin(['a'].map((x) => parse(x)));
  exactly<Observable<Page[]>>()(result);
}
{
  const result = combineLatest([parse('a'), fetchPage('a')]);
  exactly<Observable<[Page, string]>>()(result);
}
{
  const result = combineLatest({ page: parse('a'), text: fetchPage('a') });
  exactly<Observable<{ page: Page; text: string }>>()(result);
}
{
  const result = merge(parse('a'), fetchPage('a'));
  exactly<Observable<Page | string>>()(result);
}
{
  const result = merge(...['a'].map((x) => parse(x)));
  exactly<Observable<Page>>()(result);
}
{
  const result = concat(parse('a'), fetchPage('a'));
  exactly<Observable<Page | string>>()(result);
}
{
  const result = zip(parse('a'), fetchPage('a'));
  exactly<Observable<[Page, string]>>()(result);
}
{
  const result = race(parse('a'), fetchPage('a'));
  exactly<Observable<Page | string>>()(result);
}
{
  const result = onErrorResumeNext(parse('a'), fetchPage('a'));
  exactly<Observable<Page | string>>()(result);
}
{
  const result: ObservableInput<Page> = parse('a');
  exactly<ObservableInput<Page>>()(result as ObservableInput<Page>);
}
{
  const result = valueOfInput(parse('a'));
  exactly<Page>()(result);
}
