/** `executor.tasks` and the like: creates a handle when its name is first read. */
import type { Tasks } from './task.js';

/**
 * Names that JavaScript itself, loggers or test runners call on any object. Reading such a name
 * does not return a task, so that a log line or a failed assertion submits nothing. Submit an
 * export of such a name with `executor.submit(name)`.
 */
export type ReservedName = (typeof RESERVED)[number] | keyof Object | `__${string}` | `@@${string}` | `$$${string}`;

/**
 * The names, by the code that calls or checks them: `await` (`then`), JSON.stringify (`toJSON`),
 * and the `util` package that Sinon bundles (`inspect`). The others are checked by matchers and
 * snapshots of test runners, and by printers that expect DOM elements. Loggers that expect HTTP
 * requests and responses also check them.
 */
const RESERVED = [
  'then',
  'toJSON',
  'inspect',
  'asymmetricMatch',
  '_isMockFunction',
  'getMockName',
  'hasAttribute',
  'nodeName',
  'nodeType',
  'setHeader',
  'socket',
  'tagName',
] as const;

const reserved: ReadonlySet<string> = new Set([...RESERVED, ...Object.getOwnPropertyNames(Object.prototype)]);

/**
 * Prefixes of names that module interop, frameworks and printers check: `__esModule`,
 * `@@__IMMUTABLE_ITERABLE__@@`, `$$typeof`.
 */
const probedName = /^(__|@@|\$\$)/;

/** Returns the handles of an executor. `make` creates a handle for a name. */
export function makeTasks<M extends object>(executor: string, make: (name: string) => object): Tasks<M> {
  return makeHandles(
    summaryOf('Tasks', executor, () => ({ executor })),
    make,
  ) as Tasks<M>;
}

/**
 * Returns an object that creates the handle of a name when the name is first read. The main thread
 * never loads the task module, so every name has a handle. The worker detects that an export is
 * missing. `summary` has the members that are not handles.
 */
export function makeHandles(summary: object, make: (name: string) => object): object {
  const handles = new Map<string | symbol, object>();
  return new Proxy(Object.create(summary) as object, {
    get: (target, name) => {
      const known = handles.get(name);
      if (known !== undefined) return known;
      if (typeof name === 'symbol' || reserved.has(name) || probedName.test(name)) return Reflect.get(target, name);
      const handle = make(name);
      handles.set(name, handle);
      return handle;
    },
  });
}

/**
 * Creates the prototype of functions that are handles. Such a function prints as `Task { parse }`,
 * and not as source code of the library.
 */
export function printedAs(kind: string): object {
  function text(this: Function): string {
    return `${kind} { ${this.name} }`;
  }
  function toJSON(this: Function): object {
    return { name: this.name };
  }
  return Object.create(Function.prototype, {
    toString: { value: text },
    toJSON: { value: toJSON },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: text },
  });
}

/**
 * Creates the object that handles inherit from. Its members are inherited and not enumerable, so
 * that a handles object has no keys.
 */
export function summaryOf(kind: string, name: string, toJSON: () => object): object {
  const text = `${kind} { ${name} }`;
  return Object.create(Object.prototype, {
    toString: { value: () => text },
    toJSON: { value: toJSON },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: () => text },
    [Symbol.toStringTag]: { value: kind },
  });
}
