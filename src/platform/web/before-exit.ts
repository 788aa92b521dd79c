/** The moment at which the page ends. */

type Leaving = Event & { readonly persisted: boolean };

/**
 * Calls `listener` before the page is left for good. A page that the browser keeps for the back
 * button may continue, so its end is not known.
 */
export function beforeExit(listener: () => void): void {
  const { addEventListener } = globalThis as unknown as {
    addEventListener?(type: string, listen: (event: Leaving) => void): void;
  };
  addEventListener?.('pagehide', ({ persisted }) => {
    if (!persisted) listener();
  });
}
