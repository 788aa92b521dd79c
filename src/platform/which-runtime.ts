/** Detects the runtime: Node, or another one that runs programs for Node. */

/** Bun and Deno name themselves beside the version of Node that they imitate. */
export interface Versions {
  readonly bun?: string | undefined;
  readonly deno?: string | undefined;
}

export const versions: Versions = process.versions as Readonly<Record<string, string | undefined>>;
export const isBun: boolean = versions.bun !== undefined;
export const isDeno: boolean = versions.deno !== undefined;
