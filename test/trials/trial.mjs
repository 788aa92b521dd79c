/**
 * Runs one trial: `trial.mjs <contender> <fault>`. It is a child process, because a fault may end
 * or block the whole process. It sends its verdict to the parent and then closes the pool. The
 * parent checks whether the process exits.
 */
import { faults } from './faults/index.mjs';
import { Stand, settle } from './stand.mjs';
import { absent } from './verdict.mjs';

const [contenderName, faultId] = process.argv.slice(2);
const contender = await import(`./contenders/${contenderName}.mjs`);
const fault = faults.find(({ id }) => id === faultId);
if (fault === undefined) throw new Error(`no fault ${faultId}`);

const isPossible = fault.needs === undefined || contender.can[fault.needs];
const stand = isPossible ? new Stand(openPool()) : undefined;
const verdict = stand === undefined ? absent() : await run(stand);
const next = stand === undefined ? 'fine' : await tryNext(stand, fault.next ?? 'works');

process.send({ ...verdict, next });
if (stand !== undefined) await settle(stand.close('destroy'));
process.disconnect();

/** @returns {Promise<import('./verdict.mjs').Verdict>} */
async function run(stand) {
  try {
    return await fault.run(stand);
  } catch (error) {
    return { mark: 'broken', says: String(error), losses: [] };
  }
}

/**
 * Opens the pool. If that throws (for example because a module is missing), each submit rejects.
 */
function openPool() {
  try {
    return contender.open(fault.open ?? {});
  } catch (error) {
    const refuse = () => Promise.reject(error);
    return { start: () => ({ result: refuse(), cancel: () => {} }), close: async () => {}, destroy: async () => {} };
  }
}

/**
 * @returns {Promise<'fine' | 'hung' | 'fails' | 'works'>} 'fine' if the outcome is the expected one
 */
async function tryNext(stand, expected) {
  if (expected === 'none') return 'fine';
  const end = await stand.run('add', { a: 1, b: 2 });
  if (end.how === 'hung') return 'hung';
  const works = end.how === 'fulfilled' && end.value === 3;
  if (works === (expected === 'works')) return 'fine';
  return works ? 'works' : 'fails';
}
