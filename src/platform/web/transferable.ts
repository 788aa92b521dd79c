/** Recognizes the buffers that can't be moved to another thread. A browser has none. */
export function isUntransferable(_part: object): boolean {
  return false;
}
