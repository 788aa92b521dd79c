/**
 * Judges how a task ended. A verdict is plain data:
 *   mark    'kept' all that should be there is there · 'part' it settled, something of the error is lost ·
 *           'lost' the wrong end, or nothing left of the error · 'hung' · 'absent' the contender has no such feature ·
 *           'broken' the trial itself went wrong
 *   says    the error's name, or a word on what came instead
 *   losses  what is not there
 */

/** @typedef {{ mark: 'kept' | 'part' | 'lost' | 'hung' | 'absent' | 'broken', says: string, losses: string[] }} Verdict */

/** @returns {Verdict} */
export const kept = (says) => ({ mark: 'kept', says, losses: [] });
/** @returns {Verdict} */
export const lost = (says) => ({ mark: 'lost', says, losses: [] });
/** @returns {Verdict} */
export const hung = (says = '') => ({ mark: 'hung', says, losses: [] });
/** @returns {Verdict} */
export const absent = () => ({ mark: 'absent', says: '', losses: [] });

/**
 * The task should have failed. `keeps` names what must be found in the error, each as a test of it.
 *
 * @param {import('./stand.mjs').End} end
 * @param {Record<string, (error: any) => boolean>} keeps
 * @returns {Verdict}
 */
export function failed(end, keeps = {}) {
  if (end.how === 'hung') return hung();
  if (end.how === 'fulfilled') return lost(`resolved: ${show(end.value)}`);
  const losses = Object.keys(keeps).filter((what) => !holds(keeps[what], end.error));
  return { mark: losses.length === 0 ? 'kept' : 'part', says: nameOf(end.error), losses };
}

/**
 * The task should have succeeded, with `value`.
 *
 * @param {import('./stand.mjs').End} end
 * @returns {Verdict}
 */
export function succeeded(end, value) {
  if (end.how === 'hung') return hung();
  if (end.how === 'rejected') return lost(`rejected: ${nameOf(end.error)}`);
  return Object.is(end.value, value) ? kept('its value') : lost(`resolved: ${show(end.value)}`);
}

/** A test: the text is in the error, or in what caused it. */
export function tells(text) {
  return (error) => chainOf(error).some((link) => `${link.message ?? link} ${link.exitCode ?? ''}`.includes(text));
}

/** A test: the code is the error's, or of what caused it. */
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
