/** Functions of this library that take or return futures and streams. */
import {
  all,
  any,
  asCompleted,
  chain,
  Future,
  type Outcome,
  pipeline,
  type ResultStream,
  race as raceFutures,
  recover,
  type Task,
  values,
} from 'rx-futures';
import { from, type Observable, of } from 'rxjs';
import { count, exactly, executor, fetchPage, type Page, parse, valueOfFuture, valueOfIterable } from './prelude.js';

{
  const result = fetchPage('a').pipe(chain(parse));
  exactly<Future<Page>>()(result);
}
{
  const result = fetchPage('a').pipe(
    chain(parse),
    recover(() => 0),
  );
  exactly<Future<Page | number>>()(result);
}
{
  const result = valueOfFuture(parse('a'));
  exactly<Page>()(result);
}
{
  const result = valueOfIterable(count.stream(1));
  exactly<number>()(result);
}
{
  const result = all([parse('a'), fetchPage('a')]);
  exactly<Future<[Page, string]>>()(result);
}
{
  const result = any([parse('a'), fetchPage('a')]);
  exactly<Future<Page | string>>()(result);
}
{
  const result = raceFutures([parse('a'), fetchPage('a')]);
  exactly<Future<Page | string>>()(result);
}
{
  const result = asCompleted([parse('a')]);
  exactly<ResultStream<Outcome<Page>>>()(result);
}
{
  const result = asCompleted([parse('a'), fetchPage('a')]);
  exactly<ResultStream<Outcome<Page | string>>>()(result);
}
{
  const result = asCompleted([parse('a')]).pipe(values());
  exactly<Observable<Page>>()(result);
}
{
  const result = Future.from(of(1));
  exactly<Future<number>>()(result);
}
{
  const result = Future.from(parse('a'));
  exactly<Future<Page>>()(result);
}
{
  const result = Future.from(count.stream(3));
  exactly<Future<number>>()(result);
}
{
  const result = executor.map(parse, from(['a']));
  exactly<ResultStream<Page>>()(result);
}
{
  const result = executor.map(parse, executor.map(fetchPage, ['a']));
  exactly<ResultStream<Page>>()(result);
}
{
  const result = parse(fetchPage('a'));
  exactly<Future<Page>>()(result);
}
{
  const result = parse.with({ timeout: 3 })(fetchPage('a'));
  exactly<Future<Page>>()(result);
}
{
  const result = pipeline(fetchPage, parse);
  exactly<Task<[url: string], Page>>()(result);
}
