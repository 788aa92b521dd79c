/** Tells the runtimes apart that run programs for Node. */

/** `versions` of Bun and Deno name them beside the version of Node that they imitate. */
const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };

export const isBun = bun !== undefined;
export const isDeno = deno !== undefined;
