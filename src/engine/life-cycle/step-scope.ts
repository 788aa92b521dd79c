/**
 * Records whether a function step of a chain is on the call stack. A draining executor still
 * accepts tasks that such a function submits, because its chain was built before the shutdown
 * (G14).
 */
let depth = 0;

export function isInsideStep(): boolean {
  return depth > 0;
}

export function insideStep<T>(run: () => T): T {
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}
