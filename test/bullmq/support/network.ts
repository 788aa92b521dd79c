/** A network between a test and Redis, which can die without a word: a TCP proxy that stops to forward, and sends neither FIN nor RST. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What dies: the way to Redis, the way back, or both. */
export type Way = 'up' | 'down' | 'both';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Drops what comes, and keeps the sockets. */
  dead: Way | undefined;
}

export class Network implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: number;
  /** Of new connections: they are accepted all the same. */
  #newAre: Way | undefined;
  /** Connections that were ever made. */
  accepted = 0;
  /** Changes what Redis answers. */
  rewrite: (chunk: Buffer) => Buffer = (chunk) => chunk;
  /** Called with what is sent to Redis, before it is forwarded. */
  sent: (text: string) => void = () => {};

  /** Between this process and a Redis on this machine. */
  static async open(target: number): Promise<Network> {
    const network = new Network(target);
    network.#server.listen(0, '127.0.0.1');
    await once(network.#server, 'listening');
    return network;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Connections that the client has not closed. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** All connections that there are die, and so do new ones, unless `newOnes` is false. */
  die(way: Way = 'both', newOnes = true): void {
    for (const pair of this.#pairs) pair.dead = way;
    this.#newAre = newOnes ? way : undefined;
  }

  /** New connections work. Those that are dead stay so. */
  revive(): void {
    this.#newAre = undefined;
  }

  #accept(near: Socket): void {
    this.accepted++;
    const far = connect(this.#target, '127.0.0.1');
    const pair: Pair = { near, far, dead: this.#newAre };
    this.#pairs.add(pair);
    near.on('data', (chunk) => {
      this.sent(chunk.toString('latin1'));
      if (pair.dead === undefined || pair.dead === 'down') far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (pair.dead === undefined || pair.dead === 'up') near.write(this.rewrite(chunk));
    });
    near.on('close', () => {
      this.#pairs.delete(pair);
      far.destroy();
    });
    far.on('close', () => {
      if (pair.dead === undefined) near.destroy();
    });
    for (const socket of [near, far]) socket.on('error', () => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }
}
