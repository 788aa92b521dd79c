/** The moment at which the page ends. */

/**
 * Calls `listener` before the page is left for good. A page that the browser keeps for the back
 * button may continue, so its end is not known.
 */
export function beforeExit(listener: () => void): void {
  globalThis.addEventListener?.('pagehide', (event) => {
    if (!(event as Event & { readonly persisted?: boolean }).persisted) listener();
  });
}
