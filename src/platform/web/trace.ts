/** Traces of the scheduler's decisions, which a browser does not print. */

export const trace: ((format: string, ...values: unknown[]) => void) | undefined = undefined;

export function listOf(_jobs: readonly { readonly id: number }[]): string {
  return '';
}
