/**
 * A network between a test and Redis that can die silently: a TCP proxy that stops forwarding, and
 * sends neither FIN nor RST.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The direction that dies: to Redis, from Redis, or both. */
export type Way = 'up' | 'down' | 'both';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Bytes in this direction are dropped. The sockets stay open. */
  dead: Way | undefined;
}

export class Network implements AsyncDisposable {
  readonly #redisServer: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: number;
  /** The dead direction of new connections. They are accepted anyway. */
  #newAre: Way | undefined;
  /** Number of all connections so far. */
  accepted = 0;
  /** Changes the replies of Redis. */
  rewrite: (chunk: Buffer) => Buffer = (chunk) => chunk;
  /** Called with each text to Redis, before the proxy forwards it. */
  sent: (text: string) => void = () => {};

  /** Opens a network to the Redis on this port. */
  static async open(target: number): Promise<Network> {
    const network = new Network(target);
    network.#redisServer.listen(0, '127.0.0.1');
    await once(network.#redisServer, 'listening');
    return network;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#redisServer = createServer((near) => this.#accept(near));
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#redisServer.address() as { port: number }).port}`;
  }

  /** Number of connections that the client has not closed. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Kills all connections, and also new ones unless `newOnes` is false. */
  die(way: Way = 'both', newOnes = true): void {
    for (const pair of this.#pairs) pair.dead = way;
    this.#newAre = newOnes ? way : undefined;
  }

  /** Lets new connections work. Dead ones stay dead. */
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
    this.#redisServer.close();
    await once(this.#redisServer, 'close');
  }
}
