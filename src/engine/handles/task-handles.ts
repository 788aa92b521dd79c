/** `executor.tasks`: a handle for each name of the task module, made when it is read. */
import type { Tasks } from './task.js';

/**
 * Names that JavaScript itself, loggers or test runners call on any object that they meet. A read of such a name is no task, so that a log
 * line or a failed assertion submits nothing. An export of that name is reached through `executor.submit(name)`.
 */
export type ReservedName = (typeof RESERVED)[number] | keyof Object | `__${string}` | `@@${string}` | `$$${string}`;

/**
 * Called or checked by `await` (`then`), JSON.stringify (`toJSON`), the `util` package that Sinon bundles (`inspect`), matchers and
 * snapshots of test runners, printers that look for DOM elements, and loggers that look for HTTP requests and responses.
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

/** Interop, framework and printer marks: `__esModule`, `@@__IMMUTABLE_ITERABLE__@@`, `$$typeof`. */
const mark = /^(__|@@|\$\$)/;

/**
 * Returns the handles of an executor, which `make` creates by name. This side never loads the module, so that every name has a handle; a
 * worker finds out that an export is missing.
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

/** The object behind the proxy. The members are inherited and not enumerable, so that the handles have no keys. */
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
