// Images of an engine: what it is asked for by name, and what its streams say of pulls and loads.

import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findImage, loadImages, PullProgress, pullImage } from '../../scripts/docker/images.ts';
import { type DockerError } from '../../scripts/docker/docker-errors.ts';
import { withEngine } from './answering.ts';

const images = suite('docker/images');

const lines = (...events: object[]): Buffer => Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
const thrown = (promise: Promise<unknown>): Promise<DockerError> =>
  promise.then(
    () => {
      throw new Error('it is no error');
    },
    (error: unknown) => error as DockerError,
  );

images('an image is found by its name as a path has it; one that is not there is undefined', async () => {
  const found = { Id: 'sha256:a', Os: 'linux', Architecture: 'arm64', Size: 5 };
  const paths = {
    '/images/reg.io:5000/a/b:1@sha256:c/json': found,
    '/images/broken/json': [500, { message: 'no' }],
  } as const;
  await withEngine(paths, async (engine) => {
    assert.equal(await findImage(engine, 'reg.io:5000/a/b:1@sha256:c'), {
      id: 'sha256:a',
      platform: 'linux/arm64',
      bytes: 5,
    });
    assert.is(await findImage(engine, 'other'), undefined);
    assert.is((await thrown(findImage(engine, 'broken'))).status, 500);
  });
});

images('whatever a name says, nothing but an image is asked for', async () => {
  await withEngine({}, async (engine, asked) => {
    for (const name of ['../info', './a', 'a/../../b', 'a/..', 'a?b#c', '%2e%2e/x', 'a b'])
      assert.is(await findImage(engine, name), undefined);
    assert.equal(asked, [
      'GET /images//info/json',
      'GET /images//a/json',
      'GET /images/a///b/json',
      'GET /images/a//json',
      'GET /images/a%3Fb%23c/json',
      'GET /images/%252e%252e/x/json',
      'GET /images/a%20b/json',
    ]);
  });
});

images('the bytes and layers of a pull grow, line by line', () => {
  const pull = new PullProgress();
  const seen = [
    { status: 'Pulling from library/a', id: '1' },
    { status: 'Pulling fs layer', id: 'a' },
    { status: 'Downloading', id: 'a', progressDetail: { current: 3, total: 10 } },
    { status: 'Downloading', id: 'b', progressDetail: { current: 4 } },
    { status: 'Downloading', id: 'b', progressDetail: {} },
    { status: 'Download complete', id: 'a' },
    { status: 'Pull complete', id: 'a' },
    { status: 'Already exists', id: 'c' },
    { status: 'Status: Downloaded newer image' },
    { id: 'd' },
  ].map((event) => [pull.take(event), pull.bytes.done, pull.bytes.total, pull.layers]);
  assert.equal(seen, [
    [false, 0, undefined, '0 of 0 layers'],
    [false, 0, undefined, '0 of 1 layers'],
    [true, 3, 10, '0 of 1 layers'],
    [true, 7, 14, '0 of 2 layers'],
    [true, 7, 14, '0 of 2 layers'],
    [true, 14, 14, '0 of 2 layers'],
    [true, 14, 14, '1 of 2 layers'],
    [true, 14, 14, '2 of 3 layers'],
    [false, 14, 14, '2 of 3 layers'],
    [false, 14, 14, '2 of 3 layers'],
  ]);
});

images('a pull that fails says which image and why, and progress is reported only where it grows', async () => {
  const answers: Buffer[] = [
    lines({ status: 'Pulling from a', id: 'x' }, { status: 'Already exists', id: 'l' }),
    lines({ error: 'short', errorDetail: { message: 'manifest unknown' } }),
    lines({ error: 'only short' }),
    Buffer.from('{"status": "Pull'),
  ];
  await withEngine(
    () => answers.shift(),
    async (engine, asked) => {
      let calls = 0;
      const pull = (): Promise<void> =>
        pullImage(engine, 'a:1', { platform: 'linux/amd64', env: {}, onProgress: () => calls++ });
      await pull();
      assert.is(calls, 1);
      assert.is(asked[0], 'POST /images/create?fromImage=a:1&platform=linux/amd64');
      assert.is((await thrown(pull())).message, 'a:1 cannot be pulled: manifest unknown');
      assert.is((await thrown(pull())).message, 'a:1 cannot be pulled: only short');
      assert.is((await thrown(pull())).message, 'a:1 cannot be pulled: the engine broke off');
    },
  );
});

images('a load that the engine refuses in its stream is an error', async () => {
  const answers = [lines({ stream: 'Loaded image: a' }), lines({ stream: 'x' }, { error: 'no space left' })];
  await withEngine(
    () => answers.shift(),
    async (engine, asked) => {
      const load = (): Promise<void> => loadImages(engine, { content: Readable.from([Buffer.from('tar')]), bytes: 3 });
      await load();
      assert.is(asked[0], 'POST /images/load?quiet=1 tar');
      assert.is((await thrown(load())).message, 'the engine cannot load the images: no space left');
    },
  );
});

images.run();
