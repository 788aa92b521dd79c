// @ts-check
/**
 * The examples of the playground, in the order of their list. Their files use nothing of Node;
 * test/docs/playground.test.ts checks that.
 */
export const NAMES = /** @type {const} */ ([
  '26-all-processors',
  '02-final-future',
  '20-map-a-pipeline',
  '22-chat-rooms',
  '11-cancel',
  '10-rxjs-around-it',
  '09-futures-as-arguments',
  '14-progress',
]);
