import { asCompleted, type Future, type Outcome, type Progress, type ProgressOptions, progress } from 'rx-futures';
import { type ProgressBarOptions, progressBar } from 'rx-futures/terminal';
import { type Observable, type OperatorFunction, of } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

declare const numbers: Future<number>[];
declare const mixed: (Future<number> | Future<string>)[];

describe('progress', () => {
  test('knows what its last outcome is of, and it is not any', () => {
    const progressed = asCompleted(numbers).pipe(progress());
    expectTypeOf(progressed).toEqualTypeOf<Observable<Progress<number>>>();
    progressed.subscribe(({ last }) => {
      expectTypeOf(last).toEqualTypeOf<Outcome<number>>();
      expectTypeOf(last).not.toBeAny();
    });
    expectTypeOf(asCompleted(mixed).pipe(progress())).toEqualTypeOf<Observable<Progress<number | string>>>();
    expectTypeOf(progress<number>()).toEqualTypeOf<OperatorFunction<Outcome<number>, Progress<number>>>();
  });

  test('says what may be missing', () => {
    expectTypeOf<Progress<number>['total']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Progress<number>['eta']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Progress<number>['rate']>().toEqualTypeOf<number>();
  });

  test('refuses what is no Outcome, and options that there are not', () => {
    // @ts-expect-error: a number is no Outcome
    of(1).pipe(progress());
    // @ts-expect-error: there is no such option
    progress({ totals: 3 });
    // @ts-expect-error: a number
    progress({ total: '3' });
    expectTypeOf<ProgressOptions>().toEqualTypeOf<{ readonly total?: number }>();
  });
});

describe('progressBar', () => {
  test('hands on what it is given', () => {
    expectTypeOf(asCompleted(numbers).pipe(progressBar())).toEqualTypeOf<Observable<Outcome<number>>>();
    expectTypeOf(asCompleted(numbers).pipe(progressBar({ label: 'a' }), progress())).toEqualTypeOf<
      Observable<Progress<number>>
    >();
  });

  test('refuses what is no Outcome, and options that there are not', () => {
    // @ts-expect-error: a number is no Outcome
    of(1).pipe(progressBar());
    // @ts-expect-error: there is no such option
    progressBar({ width: 80 });
    expectTypeOf(process.stdout).toExtend<NonNullable<ProgressBarOptions['stream']>>();
  });
});
