/** Actors: makers, methods, and what is not a method. */
import {
  Actor,
  type ActorMaker,
  type ActorState,
  Executor,
  Future,
  type ResultStream,
  type StreamTask,
  type Task,
} from 'rx-futures';
import { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';

class Account {
  #secret = 1;
  static bank = 'first';
  static open(): Account {
    return new Account('ann', { limit: 1 });
  }
  balance = 0;
  protected readonly log: string[] = [];

  constructor(
    readonly owner: string,
    options: { limit: number },
    ...tags: string[]
  ) {
    this.balance = options.limit + tags.length + this.#secret;
  }

  get total(): number {
    return this.balance;
  }

  deposit(cents: number): number {
    this.balance += cents;
    return this.balance;
  }

  async load(): Promise<{ rows: number[] }> {
    return { rows: [] };
  }

  *rows(from: number): Generator<string> {
    yield String(from);
  }

  async *pages(): AsyncGenerator<{ page: number }> {
    yield { page: 1 };
  }

  watch(): Observable<Date> {
    return new Observable();
  }

  optional(a: string, b?: number): void {
    this.note(a + b);
  }

  overloaded(value: string): string;
  overloaded(value: number): number;
  overloaded(value: string | number): string | number {
    return value;
  }

  generic<T>(value: T): T {
    return value;
  }

  then(): number {
    return 1;
  }

  protected note(text: string): void {
    this.log.push(text);
    this.secret();
  }

  private secret(): void {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

class Box<T> {
  constructor(readonly value: T) {}
  read(): T {
    return this.value;
  }
}

abstract class Base {
  abstract run(): void;
}

class Single {
  private constructor() {}
  run(): void {}
}

interface Module {
  Account: typeof Account;
  Box: typeof Box;
  Base: typeof Base;
  Single: typeof Single;
  square(n: number): number;
  limit: number;
}

const executor = new Executor<Module>();
const account = executor.actors.Account('ann', { limit: 1 }, 'a', 'b');

describe('the types of actors', () => {
  it('every exported class that can be constructed has a maker, and nothing else has', () => {
    expectTypeOf<keyof typeof executor.actors>().toEqualTypeOf<'Account' | 'Box'>();
    expectTypeOf(executor.actors.Account).toEqualTypeOf<
      ActorMaker<[owner: string, options: { limit: number }, ...tags: string[]], Account>
    >();
    expectTypeOf(account).toEqualTypeOf<Actor<Account>>();
    // @ts-expect-error classes are not tasks
    executor.tasks.Account;
  });

  it('the arguments of a constructor may be futures and shared values', () => {
    executor.actors.Account(Future.resolve('ann'), executor.share({ limit: 1 }));
    // @ts-expect-error the second argument is missing
    executor.actors.Account('ann');
    // @ts-expect-error a name is a string
    executor.actors.Account(1, { limit: 1 });
    // @ts-expect-error this future has another type
    executor.actors.Account(Future.resolve(1), { limit: 1 });
  });

  it('methods are tasks, and promises are unwrapped', () => {
    expectTypeOf(account.deposit).toEqualTypeOf<Task<[cents: number], number>>();
    expectTypeOf(account.deposit(1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(account.deposit(Future.resolve(1))).toEqualTypeOf<Future<number>>();
    expectTypeOf(account.load()).toEqualTypeOf<Future<{ rows: number[] }>>();
    expectTypeOf(account.deposit.with({ timeout: 1 })(2)).toEqualTypeOf<Future<number>>();
    account.optional('a');
    account.optional('a', 1);
    // @ts-expect-error cents are a number
    account.deposit('1');
  });

  it('methods that yield many values are streams, and cannot be called', () => {
    expectTypeOf(account.rows).toEqualTypeOf<StreamTask<[from: number], string>>();
    expectTypeOf(account.pages.stream()).toEqualTypeOf<ResultStream<{ page: number }>>();
    expectTypeOf(account.watch.stream()).toEqualTypeOf<ResultStream<Date>>();
    // @ts-expect-error a generator has many values
    account.rows(1);
  });

  it('only public methods have handles', () => {
    type Names = Exclude<keyof typeof account, symbol>;
    expectTypeOf<Names>().toEqualTypeOf<
      'deposit' | 'load' | 'rows' | 'pages' | 'watch' | 'optional' | 'overloaded' | 'generic'
    >();
    // @ts-expect-error a property stays on the worker
    account.balance;
    // @ts-expect-error a getter stays on the worker
    account.total;
    // @ts-expect-error a protected method is not public
    account.note;
    // @ts-expect-error a private method is not public
    account.secret;
    // @ts-expect-error `await` would call it
    account.then;
    // @ts-expect-error static members belong to the class
    account.open;
  });

  it('an actor can be awaited, and the result is the actor', async () => {
    expectTypeOf(await account).toEqualTypeOf<Actor<Account>>();
  });

  it('an overloaded method has its last signature, and a generic one has unknown types', () => {
    expectTypeOf(account.overloaded(1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(account.generic('a')).toEqualTypeOf<Future<unknown>>();
    const box = executor.actors.Box(1);
    expectTypeOf(box.read()).toEqualTypeOf<Future<unknown>>();
  });

  it('options apply to the maker, and only there', () => {
    const maker = executor.actors.Account.with({ restart: 3, concurrency: 2, timeout: 1, signal: AbortSignal.abort() });
    expectTypeOf(maker('ann', { limit: 1 })).toEqualTypeOf<Actor<Account>>();
    // @ts-expect-error calls of an actor are in order already
    executor.actors.Account.with({ key: 'ann' });
    // @ts-expect-error an option of actors, not of a task
    account.deposit.with({ restart: 1 });
  });

  it('an actor is disposable, and the functions for it are static', () => {
    expectTypeOf(account).toExtend<AsyncDisposable>();
    expectTypeOf(Actor.state(account)).toEqualTypeOf<ActorState>();
    expectTypeOf(Actor.end(account)).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error not an actor
    Actor.state(executor);
  });
});
