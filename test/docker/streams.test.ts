import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PullProgress } from '../../scripts/docker/images.ts';
import { containerOutput, firstFile, jsonLines, textLines } from '../../scripts/docker/streams.ts';

const streams = suite('docker streams');

/** The bytes in pieces of `size`, as a connection may deliver them. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const frame = (stream: number, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

streams('lines, however the bytes are cut', async () => {
  const bytes = Buffer.from('één\r\ntwee\n\nslot');
  for (let size = 1; size <= bytes.length; size++) {
    assert.equal(await gather(textLines(pieces(bytes, size))), ['één', 'twee', '', 'slot'], `pieces of ${size}`);
  }
});

streams('objects', async () => {
  const bytes = Buffer.from('{"a":1}\r\n\n{"a":2}\n');
  assert.equal(await gather(jsonLines(pieces(bytes, 3))), [{ a: 1 }, { a: 2 }]);
});

streams('framed output, however the bytes are cut', async () => {
  const bytes = Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n'), frame(1, ''), frame(1, 'more\n')]);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = await gather(textLines(containerOutput(pieces(bytes, size))));
    assert.equal(lines, ['out', 'err', 'more'], `pieces of ${size}`);
  }
});

streams('a frame of any length is handed on as it comes, and a line only up to a bound', async () => {
  const head = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const mebi = Buffer.alloc(2 ** 20, 'a');
  const endless = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (let i = 0; i < 64; i++) {
      await Promise.resolve();
      yield mebi;
    }
  };
  let largest = 0;
  for await (const part of containerOutput(endless())) largest = Math.max(largest, part.length);
  assert.is(largest, mebi.length);
  try {
    await gather(textLines(containerOutput(endless())));
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'it is larger than 16 MiB');
  }
});

streams('what begins like a frame is one: a stream of 0 to 2, and three zeros', async () => {
  const read = async (bytes: Buffer): Promise<string> =>
    Buffer.concat(await gather(containerOutput(pieces(bytes, 3)))).toString('latin1');
  for (const stream of [0, 1, 2]) assert.is(await read(frame(stream, 'text')), 'text', String(stream));
  const plain = [
    frame(3, 'text'),
    Buffer.from([1, 0, 0, 1, 0, 0, 0, 1, 65]),
    Buffer.from([0, 1, 0, 0, 65]),
    Buffer.from([1, 0, 0]),
  ];
  for (const bytes of plain) assert.is(await read(bytes), bytes.toString('latin1'));
});

streams('output of a terminal has no frames, and may be very short', async () => {
  assert.equal(await gather(textLines(containerOutput(pieces(Buffer.from('plain\nlines'), 2)))), ['plain', 'lines']);
  assert.equal(await gather(textLines(containerOutput(pieces(Buffer.from('ab'), 1)))), ['ab']);
});

streams('the first file of a tar archive, past its folders', () => {
  const entry = (name: string, type: string, content: string): Buffer => {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write(content.length.toString(8).padStart(11, '0'), 124);
    head.write(type, 156);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return Buffer.concat([head, body]);
  };
  const tar = Buffer.concat([entry('d/', '5', ''), entry('d/f', '0', 'x'.repeat(700)), Buffer.alloc(1024)]);
  assert.is(firstFile(tar)?.toString(), 'x'.repeat(700));
  const named = Buffer.concat([
    entry('p', 'x', 'y'.repeat(600)),
    entry('q', 'x', 'y'.repeat(512)),
    entry('f', '\0', 'abc'),
  ]);
  assert.is(firstFile(named)?.toString(), 'abc', 'behind headers of other kinds, whatever their length');
  assert.is(firstFile(entry('f', '0', ''))?.toString(), '');
  assert.is(firstFile(entry('f', '0', 'abc').subarray(0, 511)), undefined, 'cut off');
  assert.is(firstFile(Buffer.alloc(1024)), undefined);
  assert.is(firstFile(entry('d/', '5', '')), undefined);
});

streams('a pull adds up its layers', () => {
  const pull = new PullProgress();
  assert.not(pull.take({ status: 'Pulling from library/registry', id: '2' }));
  pull.take({ id: 'a', status: 'Pulling fs layer' });
  pull.take({ id: 'b', status: 'Already exists' });
  assert.equal(pull.bytes, { done: 0, total: undefined, unit: 'bytes' });
  assert.ok(pull.take({ id: 'a', status: 'Downloading', progressDetail: { current: 10, total: 40 } }));
  pull.take({ id: 'c', status: 'Downloading', progressDetail: { current: 5, total: 60 } });
  assert.equal(pull.bytes, { done: 15, total: 100, unit: 'bytes' });
  pull.take({ id: 'a', status: 'Download complete' });
  assert.equal(pull.bytes, { done: 45, total: 100, unit: 'bytes' });
  assert.is(pull.layers, '1 of 3 layers');
  pull.take({ id: 'a', status: 'Pull complete' });
  assert.is(pull.layers, '2 of 3 layers');
});

streams.run();
