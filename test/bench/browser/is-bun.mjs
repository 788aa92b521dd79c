/** Whether the bench runs in Bun, and not in a browser. */
export const isBun = 'Bun' in globalThis;
