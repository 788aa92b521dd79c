// @ts-check
/** Each task module of the playground imports this file first. It sends the console to the page. */
import { reportConsole } from './console.js';

// The frame also imports the module, to check its syntax.
if (typeof document === 'undefined')
  reportConsole((line) => globalThis.postMessage({ type: 'playground-console', ...line }));
