// What labels of helm's secrets tell of the releases that are there.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../../../scripts/kube/client/client.ts';
import { type ReleaseStates, listReleases } from '../../../../scripts/services/helm/releases/releases.ts';
import { answer, withKubeServer } from '../../../doubles/kube-server.ts';

const releases = suite('services: releases that are there');

interface Secret {
  name: string;
  version: number;
  status: string;
  more?: Record<string, string>;
}

async function read(secrets: readonly Secret[] | null): Promise<ReleaseStates> {
  let states: ReleaseStates = new Map();
  const items = secrets?.map(({ name, version, status, more }) => ({
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace: 'apps',
      creationTimestamp: '2024-01-01T00:00:00Z',
      uid: `uid-${name}-${version}`,
      resourceVersion: '7',
      labels: { owner: 'helm', name, version: String(version), status, ...more },
    },
  }));
  await withKubeServer(
    ({ path, query, headers }, response) => {
      assert.equal([path, query.get('labelSelector')], ['/api/v1/secrets', 'owner=helm']);
      assert.match(String(headers['accept']), 'PartialObjectMetadataList', 'the charts themselves stay where they are');
      answer(response, 200, { metadata: {}, items: items ?? null });
    },
    async ({ connection }) => {
      const client = connect(connection);
      states = await listReleases(client, new AbortController().signal);
      client.close();
    },
  );
  return states;
}

releases('the newest revision counts, in whatever order they come', async () => {
  const states = await read([
    { name: 'web', version: 10, status: 'failed', more: { modifiedAt: '1704067200' } },
    { name: 'web', version: 9, status: 'deployed' },
    { name: 'web', version: 2, status: 'superseded' },
    { name: 'db', version: 1, status: 'pending-install' },
  ]);
  assert.equal(states.get('apps/web'), {
    revision: 10,
    status: 'failed',
    inputs: undefined,
    since: '2024-01-01T00:00:00.000Z',
    lastGood: 9,
    record: { uid: 'uid-web-10', resourceVersion: '7' },
  });
  assert.equal(states.get('apps/db'), {
    revision: 1,
    status: 'pending-install',
    inputs: undefined,
    since: '2024-01-01T00:00:00Z',
    lastGood: undefined,
    record: { uid: 'uid-db-1', resourceVersion: '7' },
  });
});

releases('what hoist made is known again, what helm handed on is not', async () => {
  const labels = { 'hoist-inputs': 'abc', 'hoist-revision': '1' };
  const states = await read([
    { name: 'own', version: 1, status: 'deployed', more: labels },
    { name: 'theirs', version: 2, status: 'deployed', more: labels },
  ]);
  assert.is(states.get('apps/own')?.inputs, 'abc');
  assert.is(states.get('apps/theirs')?.inputs, undefined);
});

releases('none at all', async () => {
  assert.is((await read(null)).size, 0);
});

releases.run();
