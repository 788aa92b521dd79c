/** Operators whose inner source is a Future or a ResultStream. */
import { chain } from 'rx-futures';
import {
  buffer,
  catchError,
  combineLatestAll,
  combineLatestWith,
  concatAll,
  concatMap,
  concatWith,
  debounce,
  delayWhen,
  exhaustAll,
  exhaustMap,
  expand,
  from,
  map,
  mergeAll,
  mergeMap,
  mergeScan,
  mergeWith,
  type Observable,
  of,
  raceWith,
  retry,
  sample,
  skipUntil,
  switchAll,
  switchMap,
  switchScan,
  takeUntil,
  timeout,
  withLatestFrom,
  zipAll,
  zipWith,
} from 'rxjs';
import { count, exactly, fetchPage, type Page, parse } from './prelude.js';

{
  const result = of('a').pipe(mergeMap((x) => fetchPage(x)));
  exactly<Observable<string>>()(result);
}
{
  const result = of('a').pipe(mergeMap(fetchPage));
  exactly<Observable<string>>()(result);
}
{
  const result = of('a').pipe(mergeMap((x) => parse(x), 4));
  exactly<Observable<Page>>()(result);
}
{
  const result = of('a').pipe(concatMap((x) => parse(x)));
  exactly<Observable<Page>>()(result);
}
{
  const result = of('a').pipe(switchMap((x) => parse(x)));
  exactly<Observable<Page>>()(result);
}
{
  const result = of('a').pipe(exhaustMap((x) => parse(x)));
  exactly<Observable<Page>>()(result);
}
{
  const result = of('a').pipe(switchMap((x) => parse.stream(x)));
  exactly<Observable<Page>>()(result);
}
{
  const result = of(3).pipe(switchMap((x) => count.stream(x)));
  exactly<Observable<number>>()(result);
}
{
  const result = of('a').pipe(mergeMap((x) => fetchPage(x).pipe(chain(parse))));
  exactly<Observable<Page>>()(result);
}
{
  const result = of('a').pipe(expand((x) => fetchPage(x)));
  exactly<Observable<string>>()(result);
}
{
  const result = of('a').pipe(mergeScan((n: string, x) => fetchPage(n + x), ''));
  exactly<Observable<string>>()(result);
}
{
  const result = of('a').pipe(switchScan((n: string, x) => fetchPage(n + x), ''));
  exactly<Observable<string>>()(result);
}
{
  const result = of(1).pipe(catchError(() => parse('a')));
  exactly<Observable<number | Page>>()(result);
}
{
  const result = of(1).pipe(withLatestFrom(parse('a')));
  exactly<Observable<[number, Page]>>()(result);
}
{
  const result = of(1).pipe(combineLatestWith(parse('a')));
  exactly<Observable<[number, Page]>>()(result);
}
{
  const result = of(1).pipe(mergeWith(parse('a')));
  exactly<Observable<number | Page>>()(result);
}
{
  const result = of(1).pipe(concatWith(parse('a')));
  exactly<Observable<number | Page>>()(result);
}
{
  const result = of(1).pipe(zipWith(parse('a')));
  exactly<Observable<[number, Page]>>()(result);
}
{
  const result = of(1).pipe(raceWith(parse('a')));
  exactly<Observable<number | Page>>()(result);
}
{
  const result = of(1).pipe(takeUntil(parse('a')));
  exactly<Observable<number>>()(result);
}
{
  const result = of(1).pipe(skipUntil(parse('a')));
  exactly<Observable<number>>()(result);
}
{
  const result = of(1).pipe(buffer(parse('a')));
  exactly<Observable<number[]>>()(result);
}
{
  const result = of(1).pipe(sample(parse('a')));
  exactly<Observable<number>>()(result);
}
{
  const result = of(1).pipe(delayWhen(() => parse('a')));
  exactly<Observable<number>>()(result);
}
{
  const result = of(1).pipe(debounce(() => parse('a')));
  exactly<Observable<number>>()(result);
}
{
  const result = of(1).pipe(timeout({ each: 1, with: () => parse('a') }));
  exactly<Observable<number | Page>>()(result);
}
{
  const result = of(1).pipe(retry({ delay: () => parse('a') }));
  exactly<Observable<number>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(mergeAll());
  exactly<Observable<Page>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(concatAll());
  exactly<Observable<Page>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(switchAll());
  exactly<Observable<Page>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(exhaustAll());
  exactly<Observable<Page>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(combineLatestAll());
  exactly<Observable<Page[]>>()(result);
}
{
  const result = of(parse('a'), parse('a')).pipe(zipAll());
  exactly<Observable<Page[]>>()(result);
}
{
  const result = from(['a']).pipe(
    map((x) => fetchPage(x)),
    mergeAll(2),
  );
  exactly<Observable<string>>()(result);
}
