// @ts-check
/** Row 35 measures real work with bytes there and back: gzip. */
import { realWork } from '../peers/real-work.mjs';
import { textBytes } from '../work/inputs.mjs';

export default realWork({
  number: 35,
  task: 'gzip',
  title: '200 texts of 100 KB compressed with `gzipSync`',
  count: 200,
  input: textBytes,
});
