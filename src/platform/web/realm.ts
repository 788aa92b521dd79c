/** Built-in classes of the page. A cloned value is always an instance of them. */

/** Returns the value. */
export const adopt = <T>(value: T): T => value;
