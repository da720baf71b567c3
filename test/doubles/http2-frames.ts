// A server of HTTP/2 that writes its frames by hand, for what a proper one never sends.

import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { certificate } from './certificates.ts';

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE = 24;

/** How an answer that has begun goes on: the frames, and whether the connection is closed behind them. */
export interface Ending {
  frames: (stream: number) => Buffer[];
  close?: boolean;
}

export const endings = {
  'END_STREAM with data': { frames: (stream) => [frame(DATA, END_STREAM, stream, Buffer.from('last\n'))] },
  'END_STREAM alone': { frames: (stream) => [frame(DATA, END_STREAM, stream)] },
  'END_STREAM, then a reset without an error': {
    frames: (stream) => [frame(DATA, END_STREAM, stream), reset(stream, 0)],
  },
  trailers: {
    // A literal header field without indexing: a: b.
    frames: (stream) => [frame(HEADERS, END_STREAM | END_HEADERS, stream, Buffer.from('\0\x01a\x01b'))],
  },
  'a reset without an error': { frames: (stream) => [reset(stream, 0)] },
  'a reset with an error': { frames: (stream) => [reset(stream, 2)] },
  'GOAWAY, then a reset without an error': { frames: (stream) => [goaway(stream, 0), reset(stream, 0)] },
  'GOAWAY that names the stream, then the end of the connection': {
    frames: (stream) => [goaway(stream, 0)],
    close: true,
  },
  'GOAWAY that does not name it, then the end of the connection': { frames: () => [goaway(0, 0)], close: true },
  'GOAWAY with an error': { frames: (stream) => [goaway(stream, 2)] },
  'the end of the connection': { frames: () => [], close: true },
} satisfies Record<string, Ending>;

export interface FrameServer {
  connection: KubeConnection;
  /** Sends the ending to each stream that has not had it; at once also to those that come later. */
  finish(): void;
  close(): Promise<void>;
}

/** Answers every request with 200 and `body`, and with the ending when `finish` is called. */
export async function startFrameServer(body: string, ending: Ending): Promise<FrameServer> {
  const { cert, key } = certificate();
  const sockets: TLSSocket[] = [];
  const waiting: (() => void)[] = [];
  let finished = false;
  const respond = (socket: TLSSocket, stream: number): void => {
    const end = (): void => {
      socket.write(Buffer.concat(ending.frames(stream)));
      if (ending.close === true) socket.end();
    };
    // 0x88 is `:status: 200` of HPACK's table.
    socket.cork();
    socket.write(frame(HEADERS, END_HEADERS, stream, Buffer.from([0x88])));
    socket.write(frame(DATA, 0, stream, Buffer.from(body)));
    if (finished) end();
    else waiting.push(end);
    socket.uncork();
  };
  const server = createServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(frame(SETTINGS, 0, 0));
    readFrames(socket, (type, flags, stream) => {
      if (type === SETTINGS && flags === 0) socket.write(frame(SETTINGS, 1, 0));
      if (type === HEADERS) respond(socket, stream);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connection: { server: `https://127.0.0.1:${port}`, ca: cert },
    finish: () => {
      finished = true;
      for (const end of waiting.splice(0)) end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
};

const reset = (stream: number, code: number): Buffer => frame(RST_STREAM, 0, stream, numbers(code));
const goaway = (last: number, code: number): Buffer => frame(GOAWAY, 0, 0, numbers(last, code));

function readFrames(socket: TLSSocket, take: (type: number, flags: number, stream: number) => void): void {
  let rest = Buffer.alloc(0);
  let skip = PREFACE;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < skip) return;
      rest = rest.subarray(skip);
      skip = 0;
      if (rest.length < 9) return;
      const length = 9 + rest.readUIntBE(0, 3);
      if (rest.length < length) return;
      take(rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5) & 0x7fffffff);
      skip = length;
    }
  });
}
