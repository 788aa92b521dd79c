/** Runs the pictures of the guides in virtual time, so that the guides and the functions agree. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { all, allSettled, any, asCompleted, Future, type Outcome, race, values } from 'rx-futures';
import { map, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ResultStream } from '../../src/stream/result-stream.js';
import { failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';
import { root } from './pages.js';

/** The pictures of a guide. Each is a list of rows: a name, and what happens to it. */
function picturesOf(guide: string): [name: string, marble: string][][] {
  const text = readFileSync(path.join(root, `docs/guides/${guide}.md`), 'utf8');
  const pictures = text.matchAll(/^```text\n(.*?)^```$/gms);
  return [...pictures].map(([, picture]) =>
    [...picture!.matchAll(/^(\S.*?) {2,}(\S+)$/gm)].map(([, name, marble]) => [name!, marble!]),
  );
}

type Combine = (futures: Future<string>[], names: string[]) => Observable<unknown>;

const combinators: Readonly<Record<string, Combine>> = {
  all: (futures) => all(futures),
  allSettled: (futures) => allSettled(futures),
  any: (futures) => any(futures),
  race: (futures) => race(futures),
  asCompleted: (futures, names) =>
    asCompleted(futures).pipe(map(({ future }) => names[futures.indexOf(future as Future<string>)])),
};

describe('the pictures of docs/guides/many-futures.md', () => {
  const [combined, ofValues] = picturesOf('many-futures');

  it('each combinator emits what its row shows', () => {
    marbles(({ cold, expectObservable }) => {
      const inputs = new Map(combined!.filter(([name]) => name.length === 1));
      const calls = combined!.filter(([name]) => name.length > 1);
      expect([inputs.size, calls.length]).toEqual([3, 8]);
      for (const [call, expected] of calls) {
        const names = [...call.matchAll(/\b[abc]\b/g)].map(([name]) => name);
        const futures = names.map((name) => Future.from(cold<string>(inputs.get(name)!, undefined, failure)));
        const result = combinators[call.split('(')[0]!]!(futures, names);
        const shown = result.pipe(map((value) => (Array.isArray(value) ? 'v' : value)));
        expectObservable(shown).toBe(expected, undefined, failure);
      }
    });
  });

  it('values() emits what its row shows', () => {
    const [[, outcomes], [, expected]] = ofValues as [[string, string], [string, string]];
    const [a, b] = ['a', 'b'].map((value) => Future.resolve(value).outcome!);
    const x = Future.reject<string>(failure).outcome!;
    marbles(({ cold, expectObservable }) => {
      const source = cold<Outcome<string>>(outcomes, { a: a!, b: b!, x });
      expectObservable(source.pipe(values())).toBe(expected, undefined, failure);
    });
  });
});

describe('the pictures of docs/guides/streams.md', () => {
  it('each reader of a stream receives what its row shows', () => {
    const pictures = picturesOf('streams');
    expect(pictures.map((rows) => rows.length)).toEqual([3, 2]);
    marbles(({ cold, expectObservable }) => {
      for (const [[, run], ...readers] of pictures as [[string, string], ...[string, string][]][]) {
        for (const [, reader] of readers) {
          const stream = streamOf(cold(run, undefined, failure));
          const start = /^-*/.exec(reader)![0].length;
          const leaves = reader.endsWith('!') ? reader.replace(/[^!]/g, '-') : `${'-'.repeat(start)}^`;
          expectObservable(stream, leaves).toBe(reader.replace('!', '-'), undefined, failure);
        }
      }
    });
  });
});

/** A stream whose runs emit what `source` emits. */
function streamOf<T>(source: Observable<T>): ResultStream<T> {
  return new ResultStream<T>((sink) => {
    const subscription = source.subscribe({
      next: (value) => void sink.next(value),
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    });
    return { stop: () => subscription.unsubscribe(), valueRead: () => {} };
  });
}
