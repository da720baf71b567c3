// A line to a port of this machine over which only so many bytes come in a second, however they are asked for.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlowLine {
  port: number;
  /** Bytes that have come over it. */
  readonly carried: number;
  close(): void;
}

/** Times between two pieces, in ms. */
const TICK_MS = 100;

/**
 * @param bytesPerSecond of all connections together, of what the server sends.
 * @param listen the address of this machine that it is reached at.
 */
export async function startSlowLine(
  port: number,
  bytesPerSecond: number,
  { listen = '127.0.0.1' }: { listen?: string } = {},
): Promise<SlowLine> {
  const sockets = new Set<Socket>();
  let carried = 0;
  let freeAtMs = 0;
  const piece = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1_000));
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.add(near).add(far);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far);
    void (async () => {
      for await (const chunk of far as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length; at += piece) {
          const now = performance.now();
          freeAtMs = Math.max(now, freeAtMs) + TICK_MS;
          await sleep(freeAtMs - now);
          const part = chunk.subarray(at, at + piece);
          carried += part.length;
          if (!near.destroyed) near.write(part);
        }
      }
      near.end();
    })().catch(() => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, listen, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get carried() {
      return carried;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
