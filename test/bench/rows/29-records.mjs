// @ts-check
/** Row 29 measures tasks with a larger object of plain data as argument and as result. */
import { expectEqual } from '../harness/checks.mjs';
import { copiesOf, thereAndBack } from '../peers/there-and-back.mjs';
import { customerRecord } from '../work/inputs.mjs';

const COUNT = 10_000;

/** @param {import('../work/inputs.mjs').CustomerRecord} record */
function check({ id, version, orders }) {
  expectEqual(version, 2, `version of ${id}`);
  expectEqual(orders[47]?.price, 47 * 1.25, `price of the last order of ${id}`);
  return id;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 29,
  name: 'records',
  title: '10,000 tasks at once with an object of 10 KB (nested arrays and strings) there and back',
  count: COUNT,
  warmUp: { count: 2_000, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: thereAndBack({ task: 'correct', make: copiesOf(customerRecord), check }),
  bounds: [{ metric: 'ms', faster: 1, than: 'peers' }],
};
