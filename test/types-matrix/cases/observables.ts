/**
 * A Future or a ResultStream instead of an Observable: its own pipe, and functions that take the
 * class.
 */
import { chain, type Future } from 'rx-futures';
import {
  BehaviorSubject,
  dematerialize,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  materialize,
  mergeMap,
  type Observable,
  of,
  Subject,
  type Subscription,
  scan,
  share,
  take,
  tap,
  toArray,
} from 'rxjs';
import { count, exactly, fetchPage, type Page, parse, valueOfObservable } from './prelude.js';

{
  const result = lastValueFrom(parse('a'));
  exactly<Promise<Page>>()(result);
}
{
  const result = lastValueFrom(count.stream(2));
  exactly<Promise<number>>()(result);
}
{
  const result = firstValueFrom(parse('a'));
  exactly<Promise<Page>>()(result);
}
{
  const result = firstValueFrom(parse('a'), { defaultValue: 0 });
  exactly<Promise<Page | number>>()(result);
}
{
  const result = parse('a').pipe(map((p) => p.title));
  exactly<Observable<string>>()(result);
}
{
  const result = parse('a').pipe(
    map((p) => p.title),
    filter((t) => t.length > 0),
    take(1),
  );
  exactly<Observable<string>>()(result);
}
{
  const result = fetchPage('a').pipe(
    chain(parse),
    map((p) => p.title),
  );
  exactly<Observable<string>>()(result);
}
{
  const result = fetchPage('a').pipe(mergeMap((t) => parse(t)));
  exactly<Observable<Page>>()(result);
}
{
  const result = parse('a').pipe();
  exactly<Future<Page>>()(result);
}
{
  const result = fetchPage('a').pipe(
    chain((t) => parse(t)),
    chain((p) => p.title),
  );
  exactly<Future<string>>()(result);
}
{
  const result = fetchPage('a').pipe(
    chain((t) => parse(t)),
    chain(async (p) => p.title),
    chain((t) => of(t.length)),
    chain(String),
    chain((t) => t.length),
    chain((n) => n > 1),
    chain((b) => !b),
    chain((b) => String(b)),
    chain((s) => s.length),
  );
  exactly<Future<number>>()(result);
}
{
  const result = fetchPage('a').pipe(share());
  exactly<Observable<string>>()(result);
}
{
  const result = fetchPage('a').pipe(
    tap(() => {}),
    tap({ next: () => {} }),
  );
  exactly<Observable<string>>()(result);
}
{
  const result = fetchPage('a').pipe(materialize(), dematerialize());
  exactly<Observable<string>>()(result);
}
{
  const result = fetchPage('a').pipe(scan((n, t) => n + t.length, 0));
  exactly<Observable<number>>()(result);
}
{
  const result = count.stream(3).pipe(toArray());
  exactly<Observable<number[]>>()(result);
}
{
  const result: Observable<Page> = parse('a');
  exactly<Observable<Page>>()(result);
}
{
  const result = valueOfObservable(parse('a'));
  exactly<Page>()(result);
}
{
  const result = valueOfObservable(count.stream(2));
  exactly<number>()(result);
}
{
  const result = new BehaviorSubject(parse('a'));
  exactly<BehaviorSubject<Future<Page>>>()(result);
}
{
  const s = new Subject<Page>();
  parse('a').subscribe(s);
  exactly<Subscription>()(parse('a').subscribe(s));
}
