// Carries requests over HTTP/2: one session, and more of them only where the server bounds its streams.

import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { codeOf, KubeConnectionError } from './errors.ts';
import { type AbortScope, whileHeld } from './abort-scope.ts';
import type { Exchange, Transport, WireRequest } from './wire.ts';

const maxSessions = 8;
// What nghttp2 assumes as well until the server's SETTINGS have come.
const assumedStreams = 100;

interface Lane {
  session: ClientHttp2Session;
  streams: number;
}

export class Http2Transport implements Transport {
  readonly #lanes: Lane[] = [];
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(
    readonly url: URL,
    readonly dial: () => Promise<TLSSocket>,
    readonly silenceMs: number,
  ) {}

  /** Takes a connected socket as a session. */
  adopt(socket: TLSSocket): void {
    const session = connect(this.url.origin, { createConnection: () => socket });
    const lane: Lane = { session, streams: 0 };
    const drop = (): void => {
      const at = this.#lanes.indexOf(lane);
      if (at >= 0) this.#lanes.splice(at, 1);
    };
    // A session's error reaches its streams, which report it.
    session.on('error', drop);
    session.on('goaway', drop);
    session.on('close', drop);
    session.on('timeout', () => {
      this.#probe(lane);
    });
    session.setTimeout(this.silenceMs);
    session.unref();
    this.#lanes.push(lane);
  }

  send(request: WireRequest, held: AbortScope): Promise<Exchange> {
    const lane = this.#freeLane();
    return lane === undefined ? this.#sendLater(request, held) : exchange(lane, request, held, this.url.origin);
  }

  close(): void {
    this.#closed = true;
    for (const { session } of this.#lanes.splice(0)) {
      outsideOfReading(() => {
        session.destroy();
      });
    }
  }

  async #sendLater(request: WireRequest, held: AbortScope): Promise<Exchange> {
    for (;;) {
      if (this.#closed) throw new KubeConnectionError('the client is closed', 'CLOSED', { unsent: true });
      this.#opening ??= this.#open();
      await whileHeld(this.#opening, held);
      const lane = this.#freeLane();
      if (lane !== undefined) return exchange(lane, request, held, this.url.origin);
    }
  }

  /** A session with room for a stream; the least busy one where no more may be opened. */
  #freeLane(): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes) {
      if (lane.session.closed || lane.session.destroyed) continue;
      if (lane.streams < (lane.session.remoteSettings.maxConcurrentStreams ?? assumedStreams)) return lane;
      if (best === undefined || lane.streams < best.streams) best = lane;
    }
    return this.#lanes.length < maxSessions ? undefined : best;
  }

  async #open(): Promise<void> {
    try {
      const socket = await this.dial();
      if (this.#closed) socket.destroy();
      else this.adopt(socket);
    } finally {
      this.#opening = undefined;
    }
  }

  /** A server that hangs, or a network that is gone, shows only by not answering. */
  #probe(lane: Lane): void {
    const { session } = lane;
    if (session.destroyed) return;
    if (lane.streams === 0) {
      session.close();
      return;
    }
    const late = setTimeout(() => {
      session.destroy(new KubeConnectionError(`${this.url.origin} has stopped answering`, 'SILENT'));
    }, this.silenceMs);
    late.unref();
    session.ping(() => {
      clearTimeout(late);
      session.setTimeout(this.silenceMs);
    });
  }
}

function exchange(lane: Lane, request: WireRequest, held: AbortScope, origin: string): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    held.look();
    if (held.reason !== undefined) {
      reject(held.reason);
      return;
    }
    const { session } = lane;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(
        { ...request.headers, ':method': request.method, ':path': request.path },
        { endStream: request.body === undefined },
      );
    } catch (cause) {
      // The session has begun to end since it was chosen.
      reject(refused(origin, cause));
      return;
    }
    if (lane.streams++ === 0) session.ref();
    let failure: unknown;
    let answered = false;
    const cut = watchEnd(stream);
    held.onBreak((reason) => {
      reject(reason);
      drop(stream, reason);
    });
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('response', (headers) => {
      answered = true;
      resolve({
        status: Number(headers[':status']),
        headers,
        body: stream,
        drop: (reason) => {
          drop(stream, reason);
        },
        whole: () =>
          stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted && !cut() && failure === undefined,
      });
    });
    stream.on('close', () => {
      if (--lane.streams === 0 && !session.destroyed) session.unref();
      if (!answered) reject(streamError(stream, origin, failure));
    });
    if (request.body !== undefined) stream.end(request.body);
  });
}

/**
 * Whether what ended the body was a reset and not END_STREAM. A reset without an error, which RFC 9113 (8.1) allows after a
 * complete answer only, looks like its end otherwise: Node ends the body for both, but closes the stream first for a reset.
 */
function watchEnd(stream: ClientHttp2Stream): () => boolean {
  let cut: boolean | undefined;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null) cut ??= stream.closed;
    return push(chunk, encoding);
  };
  return () => cut === true;
}

function drop(stream: ClientHttp2Stream, reason: Error | undefined): void {
  outsideOfReading(() => {
    if (stream.destroyed) return;
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy(reason);
  });
}

/**
 * Code that waits for an answer runs while nghttp2 still reads what came with it. A stream that is reset there is freed,
 * and written to where its data follow: the process ends with "corrupted size vs. prev_size" (seen with Node 20.20).
 */
function outsideOfReading(what: () => void): void {
  setImmediate(what);
}

function streamError(stream: ClientHttp2Stream, origin: string, cause: unknown): KubeConnectionError {
  if (cause instanceof KubeConnectionError) return cause;
  // Without an id it never left, because the session was ending.
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || stream.id === undefined) return refused(origin, cause);
  const code = codeOf(cause);
  return new KubeConnectionError(
    `the connection to ${origin} broke before the answer came`,
    code === 'UNKNOWN' ? 'CUT' : code,
    { cause },
  );
}

function refused(origin: string, cause: unknown): KubeConnectionError {
  return new KubeConnectionError(`${origin} has not taken the request`, 'REFUSED_STREAM', { unsent: true, cause });
}
