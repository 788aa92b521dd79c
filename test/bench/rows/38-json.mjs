// @ts-check
/** Row 38 measures real work with long strings and small results: JSON is parsed. */
import { realWork } from '../peers/real-work.mjs';
import { jsonText } from '../work/inputs.mjs';

export default realWork({
  number: 38,
  task: 'json',
  title: '120 strings of 1 MB parsed with `JSON.parse` and summed',
  count: 120,
  input: jsonText,
});
