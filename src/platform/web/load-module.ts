/** Imports the user's task module on the worker. */

export type Namespace = Readonly<Record<string, unknown>>;

/**
 * Imports a module that the server has, as it is. The comments keep bundlers from replacing the
 * call by a search among the files of the bundle. The build of this library keeps them.
 */
export async function loadModule(url: string): Promise<Namespace> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ url);
}
