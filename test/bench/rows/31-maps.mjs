// @ts-check
/** Row 31 measures tasks with a Map, a Set and a Date as argument and as result. */
import { expectEqual } from '../harness/checks.mjs';
import { copiesOf, thereAndBack } from '../peers/there-and-back.mjs';
import { makeVisitor } from '../work/inputs.mjs';

const COUNT = 20_000;

/** @param {import('../work/inputs.mjs').Visitor} visitor */
function check({ id, since, visits, groups }) {
  expectEqual(visits.get('last'), id, `the new entry of the Map of ${id}`);
  expectEqual(visits.size, 21, `entries of the Map of ${id}`);
  expectEqual(groups.has('visited'), true, `the new value of the Set of ${id}`);
  expectEqual(since instanceof Date, true, `the Date of ${id}`);
  return id;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 31,
  name: 'maps',
  title: '20,000 tasks at once with `{ id, Date, Map of 20, Set of 5 }` there and back',
  count: COUNT,
  warmUp: { count: 4_000, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: thereAndBack({ task: 'visit', make: copiesOf(makeVisitor), check }),
  bounds: [{ metric: 'ms', faster: 1, than: 'peers' }],
};
