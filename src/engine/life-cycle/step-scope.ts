/**
 * Whether a chain's function is on the stack. An executor that drains still accepts what such a function submits: it belongs
 * to a chain that was built before.
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
