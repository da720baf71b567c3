// The definitions of a chart's crds folder: made as they are written, left alone where they are there, waited for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../../scripts/base/errors.ts';
import { type KubeClient, connect } from '../../../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../../../scripts/kube/client/errors.ts';
import { absentDefinitions, createDefinitions, definitionsIn } from '../../../../scripts/services/helm/implied/crds.ts';
import { type Arrived, answer, statusObject, withKubeServer } from '../../../doubles/kube-server.ts';
import { thrown } from '../../../kube/helpers.ts';

const definitions = suite('services: definitions');

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const text = (name: string): string =>
  `# as written\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\n`;
const established = { conditions: [{ type: 'Established', status: 'True' }] };

/** A server that has these definitions, and takes others as they say. */
async function withServer(
  taken: Record<string, { refuse?: [number, string]; status?: object }>,
  use: (client: KubeClient, posted: Arrived[]) => Promise<void>,
): Promise<void> {
  const posted: Arrived[] = [];
  await withKubeServer(
    (arrived, response) => {
      if (arrived.method === 'POST') {
        posted.push(arrived);
        const name = /name: (\S+)/.exec(arrived.body)?.[1] ?? '';
        const [code, reason] = taken[name]?.refuse ?? [];
        if (code === undefined) return answer(response, 201, { metadata: { name } });
        return answer(response, code, statusObject(code, reason ?? '', `${name}: ${reason ?? ''}`));
      }
      const name = arrived.query.get('fieldSelector')?.replace('metadata.name=', '') ?? '';
      const items = [{ metadata: { name, resourceVersion: '1' }, status: taken[name]?.status ?? established }];
      answer(response, 200, { metadata: { resourceVersion: '1' }, items });
    },
    async ({ connection }) => {
      const client = connect(connection);
      try {
        await use(client, posted);
      } finally {
        client.close();
      }
    },
  );
}

const create = (client: KubeClient, documents: string): Promise<void> =>
  createDefinitions(client, definitionsIn(documents) ?? [], new AbortController().signal);

definitions('files that helm prints with nothing in between are distinguished', () => {
  const reversed =
    'kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata:\n  name: r.example\n';
  const printed = `${text('a.example')}${text('b.example')}${reversed}---\n# nothing\n---\n${text('c.example')}`;
  const names = definitionsIn(printed)?.map((one) => one.match(/name: (\S+)/g)?.join());
  assert.equal(names, ['name: a.example', 'name: b.example', 'name: r.example', 'name: c.example']);
});

definitions('a folder with other objects, or with JSON, is left to helm', () => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n';
  assert.is(definitionsIn(`${text('a.example')}${other}`), undefined);
  assert.is(definitionsIn(`${text('a.example')}{\n "kind": "CustomResourceDefinition"\n}\n`), undefined);
});

definitions('those that are not there are found', async () => {
  await withKubeServer(
    ({ path }, response) => {
      const there = path.endsWith('/a.example');
      answer(
        response,
        there ? 200 : 404,
        there ? { metadata: { name: 'a.example' } } : statusObject(404, 'NotFound', ''),
      );
    },
    async ({ connection }) => {
      const client = connect(connection);
      const { signal } = new AbortController();
      assert.equal(await absentDefinitions(client, ['a.example', 'b.example'], signal), ['b.example']);
      client.close();
    },
  );
});

definitions('are sent as they are written, in parallel', async () => {
  const quoted = text('c.example').replace('CustomResourceDefinition', '"CustomResourceDefinition"');
  await withServer({}, async (client, posted) => {
    await create(client, `---\n${text('a.example')}--- # next\n${text('b.example')}---\n${quoted}`);
    assert.equal(
      posted.map(({ path, body }) => [path, /name: (\S+)/.exec(body)?.[1]]).sort(),
      ['a.example', 'b.example', 'c.example'].map((name) => [PATH, name]),
    );
    const [first] = posted;
    assert.ok(first);
    assert.is(first.headers['content-type'], 'application/yaml');
    assert.is(first.query.get('fieldManager'), 'helm');
    assert.match(first.body, '# as written');
  });
});

definitions('those that are there stay as they are', async () => {
  await withServer({ 'a.example': { refuse: [409, 'AlreadyExists'] } }, async (client, posted) => {
    await create(client, text('a.example'));
    assert.is(posted.length, 1);
  });
});

definitions('one that the server refuses, and one whose names are taken, are errors', async () => {
  const status = {
    conditions: [{ type: 'NamesAccepted', status: 'False', reason: 'Taken', message: 'plural in use' }],
  };
  await withServer({ 'a.example': { refuse: [422, 'Invalid'] }, 'b.example': { status } }, async (client) => {
    const refused = await thrown(KubeApiError, create(client, text('a.example')));
    assert.match(refused.message, 'a.example: Invalid');
    const taken = await thrown(HealthError, create(client, text('b.example')));
    assert.match(taken.message, /^CustomResourceDefinition b\.example: .*plural in use/);
  });
});

definitions.run();
