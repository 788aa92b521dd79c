/** Finds the task module that the option `tasks` names. */

/** Returns the URL of the module. A path is relative to the page. */
export function moduleUrl(tasks: URL | string): string {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } };
  return new URL(tasks, document?.baseURI ?? location?.href).href;
}
