/** Sandboxes of test runners, which a page is not. */

/** Returns false: a browser never refuses `import()` because of a sandbox. */
export function isImportRefused(_error: unknown): boolean {
  return false;
}

export function requireInSandbox(specifier: string): object {
  throw new Error(`"${specifier}" can't be loaded with require() in a browser.`);
}
