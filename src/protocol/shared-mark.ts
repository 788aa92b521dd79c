/**
 * Recognizes a `Shared` (engine/sharing/shared.ts) among the values that are copied. A `Shared` has
 * the mark on its prototype.
 */

// Symbol.for, because the program may have loaded another copy of this file.
export const SHARED_MARK: unique symbol = Symbol.for('rx-futures.shared') as never;

export function isShared(value: unknown): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && (value as { [SHARED_MARK]?: true })[SHARED_MARK] === true;
}
