/** Faults in which a task fails. The main thread should receive its whole error. */
import { failed } from '../verdict.mjs';

const message = (text) => (error) => error.message === text;

export const errors = [
  {
    id: 'own-class',
    title: "error of the user's own class, with `code` and `cause`",
    run: async (stand) =>
      failed(await stand.run('failWithCode'), {
        message: message('card declined'),
        name: (error) => error.name === 'PaymentError',
        code: (error) => error.code === 'ERR_PAYMENT',
        amount: (error) => error.amount === 42,
        cause: (error) => error.cause instanceof RangeError && error.cause.message === 'over the limit',
      }),
  },
  {
    id: 'aggregate',
    title: '`AggregateError`',
    run: async (stand) =>
      failed(await stand.run('failAggregate'), {
        message: message('two failures'),
        class: (error) => error instanceof AggregateError,
        errors: (error) => error.errors[0] instanceof TypeError && error.errors[1].message === 'second',
      }),
  },
  {
    id: 'system-error',
    title: 'system error (`ENOENT`)',
    run: async (stand) =>
      failed(await stand.run('failInSystem'), {
        message: (error) => error.message.startsWith('ENOENT'),
        code: (error) => error.code === 'ENOENT',
        syscall: (error) => error.syscall === 'open',
        path: (error) => error.path === '/no/such/file',
      }),
  },
  {
    id: 'dom-exception',
    title: '`DOMException`',
    run: async (stand) =>
      failed(await stand.run('failDom'), {
        message: message('took too long'),
        name: (error) => error.name === 'TimeoutError',
      }),
  },
  {
    id: 'throw-null',
    title: '`throw null`',
    run: async (stand) => failed(await stand.run('throwNull')),
  },
];
