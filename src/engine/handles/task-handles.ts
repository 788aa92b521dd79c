/** `executor.tasks`: creates the handle of a task when its name is first read. */
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
const mark = /^(__|@@|\$\$)/;

/**
 * Returns the handles of an executor. `make` creates a handle for a name. The main thread never
 * loads the task module, so every name has a handle. The worker detects that an export is missing.
 */
export function makeHandles<M extends object>(executor: string, make: (name: string) => object): Tasks<M> {
  const handles = new Map<string | symbol, object>();
  return new Proxy(summaryOf(executor) as Tasks<M>, {
    get: (summary, name) => {
      const known = handles.get(name);
      if (known !== undefined) return known;
      if (typeof name === 'symbol' || reserved.has(name) || mark.test(name)) return Reflect.get(summary, name);
      const handle = make(name);
      handles.set(name, handle);
      return handle;
    },
  });
}

/**
 * Creates the object behind the proxy. Its members are inherited and not enumerable, so that the
 * handles object has no keys.
 */
function summaryOf(executor: string): object {
  const text = `Tasks { ${executor} }`;
  const summary = Object.create(Object.prototype, {
    toString: { value: () => text },
    toJSON: { value: () => ({ executor }) },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: () => text },
    [Symbol.toStringTag]: { value: 'Tasks' },
  });
  return Object.create(summary);
}
