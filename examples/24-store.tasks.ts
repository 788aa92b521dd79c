/**
 * The class of example 24: a store of texts. It uses SQLite if this Node has it (from Node 22.13
 * on), and otherwise a file to which each change is appended.
 */
import { appendFile, readFile } from 'node:fs/promises';

/** The part of node:sqlite that the store needs. */
interface Sqlite {
  DatabaseSync: new (
    file: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { run(...values: string[]): unknown; get(...values: string[]): unknown };
    close(): void;
  };
}

const sqlite = process.getBuiltinModule?.('node:sqlite' as 'node:fs') as unknown as Sqlite | undefined;

interface Engine {
  put(name: string, text: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export class Store {
  readonly #engine: Engine;

  constructor(file: string) {
    this.#engine = sqlite === undefined ? journal(`${file}.log`) : database(sqlite, `${file}.db`);
  }

  /** Appends a text to what is stored. No other call can come between the two steps. */
  async append(name: string, text: string): Promise<string> {
    const before = await this.#engine.get(name);
    const after = before === undefined ? text : `${before} ${text}`;
    await this.#engine.put(name, after);
    return after;
  }

  async get(name: string): Promise<string | undefined> {
    return this.#engine.get(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close();
    console.log('the store is closed');
  }
}

function database({ DatabaseSync }: Sqlite, file: string): Engine {
  const db = new DatabaseSync(file);
  db.exec('create table if not exists texts (name text primary key, text text)');
  const insert = db.prepare('insert or replace into texts values (?, ?)');
  const select = db.prepare('select text from texts where name = ?');
  return {
    put: async (name, text) => void insert.run(name, text),
    get: async (name) => (select.get(name) as { text: string } | undefined)?.text,
    close: async () => db.close(),
  };
}

function journal(file: string): Engine {
  const texts = readFile(file, 'utf8').then(
    (lines) =>
      new Map<string, string>(
        lines
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
    () => new Map<string, string>(),
  );
  return {
    async put(name, text) {
      await appendFile(file, `${JSON.stringify([name, text])}\n`);
      (await texts).set(name, text);
    },
    get: async (name) => (await texts).get(name),
    close: async () => {},
  };
}
