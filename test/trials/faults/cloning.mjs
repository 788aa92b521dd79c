/** Faults in which a value can't be cloned. The worker has no fault and should continue. */
import { failed, kept, lost } from '../verdict.mjs';

const isError = (error) => error instanceof Error;

/** Adds a loss to the verdict if the worker was replaced. */
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

/** Accepts the path of the fault, or V8's message, which quotes the text of the function. */
function namesCulprit(error) {
  return isError(error) && /handler/.test(error.message);
}
