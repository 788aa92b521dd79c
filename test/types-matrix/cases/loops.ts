/**
 * Loops and awaits. A `for await` over `asCompleted` at the start of a file once changed the types
 * of all later code.
 */
import { asCompleted, type Outcome } from 'rx-futures';
import { count, exactly, type Page, parse } from './prelude.js';

{
  const run = async () => {
    for await (const o of asCompleted([parse('a')])) exactly<Outcome<Page>>()(o);
  };
  exactly<() => Promise<void>>()(run);
}
{
  const run = async () => {
    for await (const n of count.stream(3)) exactly<number>()(n);
  };
  exactly<() => Promise<void>>()(run);
}
{
  const run = async () => {
    for await (const p of [parse('a'), parse('a')]) exactly<Page>()(p);
  };
  exactly<() => Promise<void>>()(run);
}
{
  const run = async () => {
    const p = await parse('a');
    exactly<Page>()(p);
  };
  exactly<() => Promise<void>>()(run);
}
