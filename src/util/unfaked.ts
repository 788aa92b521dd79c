/**
 * Returns the original timers of `scope`, also if a test has faked them.
 *
 * A test runner may have faked the timers before it loads the library (Jest's `enableGlobally`).
 * `@sinonjs/fake-timers`, which Jest, Vitest and Sinon use, keeps each original beside its fake,
 * under `_<name>`.
 */
export function unfaked<Name extends keyof typeof globalThis>(
  scope: Pick<typeof globalThis, Name | 'setTimeout'>,
  names: readonly Name[],
): Pick<typeof globalThis, Name> {
  const { clock = {} } = scope.setTimeout as { clock?: Record<string, unknown> };
  return Object.fromEntries(names.map((name) => [name, clock[`_${name}`] ?? scope[name]])) as never;
}
