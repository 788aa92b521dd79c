/** The number of threads that can run at the same time. A browser may report fewer. */
export function cpuCount(): number {
  return (
    (globalThis as { readonly navigator?: { readonly hardwareConcurrency: number } }).navigator?.hardwareConcurrency ||
    1
  );
}
