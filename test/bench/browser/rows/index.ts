/** The rows that browsers and Bun run, with the numbers of the same rows on Node. */
import type { Row } from '../../harness/row.js';
import atOnce from './01-at-once.mjs';
import sequential from './04-sequential.mjs';
import chains from './05-chains.mjs';
import streamed from './14-streamed.mjs';

export const rows: readonly Row[] = [atOnce, sequential, chains, streamed];
