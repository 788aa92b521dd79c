/**
 * Shared code of all cases: tasks, and a proof that a type is exactly the expected one. The prelude
 * creates no future, because the first future of a file decides which types TypeScript compares
 * first.
 */
import type { Executor, Future } from 'rx-futures';
import type { Observable, ObservableInput } from 'rxjs';

export interface Page {
  readonly url: string;
  readonly title: string;
}

export declare const executor: Executor<{
  fetchPage(url: string): Promise<string>;
  parse(html: string): Page;
  count(to: number): Generator<number>;
}>;
export const { fetchPage, parse, count } = executor.tasks;

/** True only for the same type. `any` and `unknown` do not equal any other type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `exactly<Expected>()(value)` is an error (TS2554) unless the type of the value is `Expected`. */
export declare function exactly<Expected>(): <Actual>(
  value: Actual,
  ...difference: Same<Actual, Expected> extends true ? [] : [found: Actual, expected: Expected]
) => void;

/** Stand-ins for functions of other libraries that infer a type from their argument. */
export declare function valueOfPromise<T>(promise: Promise<T>): T;
export declare function valueOfThenable<T>(promise: PromiseLike<T>): T;
export declare function valueOfObservable<T>(observable: Observable<T>): T;
export declare function valueOfInput<T>(input: ObservableInput<T>): T;
export declare function valueOfFuture<T>(future: Future<T>): T;
export declare function valueOfIterable<T>(iterable: AsyncIterable<T>): T;
