// @ts-check
/** Row 37 measures real work with an object that contains bytes: pictures become PNG files. */
import { realWork } from '../peers/real-work.mjs';
import { picture } from '../work/inputs.mjs';

export default realWork({
  number: 37,
  task: 'png',
  title: '120 pictures of 256 × 256 pixels encoded as PNG (pngjs)',
  count: 120,
  input: (seed) => picture(seed, 256),
});
