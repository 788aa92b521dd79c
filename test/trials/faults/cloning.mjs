/** A value can't cross the wall between threads. The worker has done nothing wrong, and should go on. */
import { failed, kept, lost } from '../verdict.mjs';

const isError = (error) => error instanceof Error;

/** Adds to the verdict whether the same worker is still there. */
async function sparing(stand, run) {
  const before = await stand.run('whichThread');
  const verdict = await run();
  const after = await stand.run('whichThread');
  if (before.how === 'fulfilled' && after.how === 'fulfilled' && before.value === after.value) return verdict;
  return { ...verdict, mark: verdict.mark === 'kept' ? 'part' : verdict.mark, losses: [...verdict.losses, 'worker'] };
}

export const cloning = [
  {
    id: 'unclonable-argument',
    title: "argument that can't be cloned",
    run: (stand) =>
      sparing(stand, async () => failed(await stand.run('echo', { handler() {} }), { culprit: namesCulprit })),
  },
  {
    id: 'unclonable-result',
    title: "result that can't be cloned",
    run: (stand) => sparing(stand, async () => failed(await stand.run('giveFunction'), { culprit: namesCulprit })),
  },
  {
    id: 'unclonable-throw',
    title: "thrown value that can't be cloned",
    run: (stand) => sparing(stand, async () => failed(await stand.run('throwFunction'), { error: isError })),
  },
  {
    id: 'unclonable-property',
    title: "error with a property that can't be cloned",
    run: (stand) =>
      sparing(stand, async () =>
        failed(await stand.run('failWithBaggage'), {
          message: (error) => error.message === 'with baggage',
          properties: (error) => error.port === 80,
        }),
      ),
  },
  {
    id: 'mutation',
    title: 'argument changed while its task waits',
    async run(stand) {
      const holding = stand.start('hold', stand.cells);
      await stand.arrival();
      const argument = { amount: 1 };
      const waiting = stand.start('echo', argument);
      argument.amount = 2;
      stand.openGate();
      await holding.end();
      const end = await waiting.end();
      if (end.how !== 'fulfilled') return failed(end);
      return end.value.amount === 1 ? kept('as submitted') : lost('sees the change');
    },
  },
];

/** V8's own message quotes the text of a function; a path is better, but either leads to it. */
function namesCulprit(error) {
  return isError(error) && /handler/.test(error.message);
}
