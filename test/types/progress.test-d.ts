import { asCompleted, type Future, type Outcome, type Progress, type ProgressOptions, progress } from 'rx-futures';
import { type ProgressBarOptions, progressBar } from 'rx-futures/terminal';
import { type Observable, type OperatorFunction, of } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

declare const numbers: Future<number>[];
declare const mixed: (Future<number> | Future<string>)[];

describe('progress', () => {
  test('progress knows the type of its last outcome, and it is not any', () => {
    const progressed = asCompleted(numbers).pipe(progress());
    expectTypeOf(progressed).toEqualTypeOf<Observable<Progress<number>>>();
    progressed.subscribe(({ last }) => {
      expectTypeOf(last).toEqualTypeOf<Outcome<number>>();
      expectTypeOf(last).not.toBeAny();
    });
    expectTypeOf(asCompleted(mixed).pipe(progress())).toEqualTypeOf<Observable<Progress<number | string>>>();
    expectTypeOf(progress<number>()).toEqualTypeOf<OperatorFunction<Outcome<number>, Progress<number>>>();
  });

  test('progress marks the properties that may be undefined', () => {
    expectTypeOf<Progress<number>['total']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Progress<number>['eta']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Progress<number>['rate']>().toEqualTypeOf<number>();
  });

  test('progress refuses other items than Outcomes, and unknown options', () => {
    // @ts-expect-error: a number is not an Outcome
    of(1).pipe(progress());
    // @ts-expect-error: the option does not exist
    progress({ totals: 3 });
    // @ts-expect-error: the option is a number
    progress({ total: '3' });
    expectTypeOf<ProgressOptions>().toEqualTypeOf<{ readonly total?: number }>();
  });
});

describe('progressBar', () => {
  test('progressBar keeps the type of its source', () => {
    expectTypeOf(asCompleted(numbers).pipe(progressBar())).toEqualTypeOf<Observable<Outcome<number>>>();
    expectTypeOf(asCompleted(numbers).pipe(progressBar({ label: 'a' }), progress())).toEqualTypeOf<
      Observable<Progress<number>>
    >();
  });

  test('progressBar refuses other items than Outcomes, and unknown options', () => {
    // @ts-expect-error: a number is not an Outcome
    of(1).pipe(progressBar());
    // @ts-expect-error: the option does not exist
    progressBar({ width: 80 });
    expectTypeOf(process.stdout).toExtend<NonNullable<ProgressBarOptions['stream']>>();
  });
});
