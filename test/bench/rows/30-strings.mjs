// @ts-check
/** Row 30 measures tasks with a string of 1 MB as argument and as result. */
import { expectEqual } from '../harness/checks.mjs';
import { thereAndBack } from '../peers/there-and-back.mjs';
import { longString } from '../work/inputs.mjs';

const COUNT = 200;
const LENGTH = 1_000_000;

/** @param {string} text starts with its id */
function check(text) {
  const id = Number(text.slice(0, 8));
  expectEqual(text.length, LENGTH, `length of ${id}`);
  return id;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 30,
  name: 'strings',
  title: '200 tasks at once with a string of 1 MB there and back',
  count: COUNT,
  warmUp: { count: 50, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: thereAndBack({ task: 'noop', make: (id) => longString(id, LENGTH), check }),
  bounds: [{ metric: 'ms', faster: 1, than: 'peers' }],
};
