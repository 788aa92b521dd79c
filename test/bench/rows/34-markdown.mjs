// @ts-check
/** Row 34 measures real work with text there and back: Markdown becomes HTML. */
import { realWork } from '../peers/real-work.mjs';
import { markdownText } from '../work/inputs.mjs';

export default realWork({
  number: 34,
  task: 'markdown',
  title: '400 texts of 12 KB rendered from Markdown to HTML (marked)',
  count: 400,
  input: markdownText,
});
