/** Faults in which a worker does not start. The next task must be refused or fail too. */
import { failed, tells } from '../verdict.mjs';

export const loading = [
  {
    id: 'module-missing',
    title: 'task module is missing',
    open: { module: 'no-such-module' },
    next: 'fails',
    run: async (stand) => failed(await stand.run('add', { a: 1, b: 2 }), { 'file name': tells('no-such-module') }),
  },
  {
    id: 'module-throws',
    title: 'task module throws on import',
    open: { module: 'throws-on-import' },
    next: 'fails',
    run: async (stand) => failed(await stand.run('add', { a: 1, b: 2 }), { message: tells('no luck at import') }),
  },
  {
    id: 'worker-dies-starting',
    title: 'worker dies while it starts',
    open: { module: 'exits-on-import' },
    next: 'fails',
    run: async (stand) => failed(await stand.run('add', { a: 1, b: 2 }), { 'exit code': tells('52') }),
  },
  {
    id: 'initializer-throws',
    title: 'initializer throws',
    needs: 'initialize',
    open: { initializes: true },
    next: 'fails',
    run: async (stand) => failed(await stand.run('add', { a: 1, b: 2 }), { message: tells('no database there') }),
  },
  {
    id: 'task-missing',
    title: 'no task of that name',
    run: async (stand) => failed(await stand.run('noSuchTask', 1), { name: tells('noSuchTask') }),
  },
];
