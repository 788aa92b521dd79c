// @ts-check
/** Sends a message to the page of the playground. */
export function send(/** @type {object} */ message) {
  parent.postMessage(message, location.origin);
}
