/**
 * Judges the outcome of a task. A verdict is plain data:
 *
 * - `mark`: one of
 *   - 'kept': the outcome is the expected one, and nothing is lost.
 *   - 'part': the task settled, but a part of the error is lost.
 *   - 'lost': the outcome is wrong, or nothing of the error is left.
 *   - 'hung': the task did not settle.
 *   - 'absent': the contender does not have the feature.
 *   - 'broken': the trial itself failed.
 * - `says`: the name of the error, or a few words about the outcome.
 * - `losses`: the parts that are missing.
 */

/**
 * @typedef {object} Verdict
 * @property {'kept' | 'part' | 'lost' | 'hung' | 'absent' | 'broken'} mark
 * @property {string} says
 * @property {string[]} losses
 */

/** @returns {Verdict} */
export const kept = (says) => ({ mark: 'kept', says, losses: [] });
/** @returns {Verdict} */
export const lost = (says) => ({ mark: 'lost', says, losses: [] });
/** @returns {Verdict} */
export const hung = (says = '') => ({ mark: 'hung', says, losses: [] });
/** @returns {Verdict} */
export const absent = () => ({ mark: 'absent', says: '', losses: [] });

/**
 * Judges a task that should fail. `keeps` has a test for each part that the error must have.
 *
 * @param {import('./stand.mjs').End} end
 * @param {Record<string, (error: any) => boolean>} keeps
 * @returns {Verdict}
 */
export function failed(end, keeps = {}) {
  if (end.how === 'hung') return hung();
  if (end.how === 'fulfilled') return lost(`resolved: ${show(end.value)}`);
  const losses = Object.keys(keeps).filter((part) => !holds(keeps[part], end.error));
  return { mark: losses.length === 0 ? 'kept' : 'part', says: nameOf(end.error), losses };
}

/**
 * Judges a task that should succeed with `value`.
 *
 * @param {import('./stand.mjs').End} end
 * @returns {Verdict}
 */
export function succeeded(end, value) {
  if (end.how === 'hung') return hung();
  if (end.how === 'rejected') return lost(`rejected: ${nameOf(end.error)}`);
  return Object.is(end.value, value) ? kept('its value') : lost(`resolved: ${show(end.value)}`);
}

/** Returns a test for a text in the error or in its causes. */
export function tells(text) {
  return (error) => chainOf(error).some((link) => `${link.message ?? link} ${link.exitCode ?? ''}`.includes(text));
}

/** Returns a test for a code of the error or of its causes. */
export function hasCode(code) {
  return (error) => chainOf(error).some((link) => link.code === code);
}

export function nameOf(error) {
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) return String(error);
  return typeof error.name === 'string' && error.name !== '' ? error.name : show(error);
}

function chainOf(error) {
  const links = [];
  for (let link = error; link !== null && link !== undefined && links.length < 8; link = link.cause) links.push(link);
  return links;
}

function holds(test, error) {
  try {
    return test(error);
  } catch {
    return false;
  }
}

function show(value) {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? '{}' : '{…}';
  return typeof value === 'string' ? `'${value}'` : String(value);
}
