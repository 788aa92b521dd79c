// @ts-check
/** Row 36 measures real work with little data: hashes of passwords. */
import { realWork } from '../peers/real-work.mjs';

export default realWork({
  number: 36,
  task: 'scrypt',
  title: '30 passwords hashed with `scryptSync`',
  count: 30,
  input: (seed) => `password ${seed}`,
});
