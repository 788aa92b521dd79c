// @ts-check
/**
 * Tests that do not pass on a runtime, each with its reason. A test is named by the end of its
 * name, which consists of the titles of the blocks around it and of its own title.
 */

/** @typedef {{ readonly reason: string, readonly tests: readonly string[] }} Skip */

/** @type {Readonly<Record<string, readonly Skip[]>>} */
export const skips = {};
