/** The names of all classes of views of an ArrayBuffer. A browser may lack some of them. */
export { VIEW_KINDS } from '../view-kinds.js';
