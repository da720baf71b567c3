// Indexes of repositories, in all forms in which programs write them: the quick way and the whole way see the same.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readIndex } from '../../../../scripts/services/helm/charts/index-file.ts';

const indexes = suite('charts: indexes');

const SUM = 'a'.repeat(64);
const tree = {
  apiVersion: 'v1',
  entries: {
    web: [
      {
        name: 'web',
        version: '1.10.0',
        description: 'many\nlines: of text\n\n- like a list\nversion: 9.9.9\n',
        keywords: ['a', 'b'],
        dependencies: [{ name: 'inner', version: '3.3.3', urls: ['not-mine'] }],
        digest: SUM,
        urls: ['charts/web-1.10.0.tgz', 'https://mirror.example/web-1.10.0.tgz'],
      },
      { name: 'web', version: '1.9.0', digest: `sha256:${SUM}`, urls: ['web-1.9.0.tgz'] },
    ],
    'quoted.name': [{ version: '0.1.0', urls: [] }],
    empty: [],
  },
  generated: '2024-01-01T00:00:00Z',
};
const versions = [
  { version: '1.10.0', urls: ['charts/web-1.10.0.tgz', 'https://mirror.example/web-1.10.0.tgz'], digest: SUM },
  { version: '1.9.0', urls: ['web-1.9.0.tgz'], digest: SUM },
];

const yaml = (indentSeq: boolean): string => stringify(tree, { indentSeq });
const forms: Record<string, string> = {
  'as helm writes it': yaml(false),
  'lists further in': yaml(true),
  'four spaces': stringify(tree, { indent: 4 }),
  'lines of Windows': yaml(false).replaceAll('\n', '\r\n'),
  'names in quotes': yaml(false).replace('quoted.name:', '"quoted.name":'),
  JSON: JSON.stringify(tree),
  'in one line': stringify(tree, { collectionStyle: 'flow' }),
  'with a comment first': yaml(false).replace('  web:\n', '  web:\n  # the newest first\n'),
  'with more behind it': `${yaml(false)}serverInfo: {}\n`,
};

for (const [name, source] of Object.entries(forms)) {
  indexes(name, async () => {
    const index = await readIndex(source);
    assert.ok(index);
    assert.equal(index.names().sort(), ['empty', 'quoted.name', 'web']);
    assert.equal(await index.versions('web'), versions);
    assert.equal(await index.versions('quoted.name'), [{ version: '0.1.0', urls: [], digest: undefined }]);
    assert.equal(await index.versions('nobody'), []);
  });
}

indexes('fields of other things in an entry are not its own, however far in they stand', async () => {
  const text = `entries:
  web:
  - annotations:
      version: 8.8.8
      urls: [not-mine]
    # version: 7.7.7
    version: 1.0.0
    maintainers:
    - name: somebody
      version: 6.6.6
    urls:
    - a.tgz
`;
  const index = await readIndex(text);
  assert.equal(await index?.versions('web'), [{ version: '1.0.0', urls: ['a.tgz'], digest: undefined }]);
});

indexes('fields that nobody asks for may be no YAML at all', async () => {
  const text = `entries:
  web:
  - description: no: [mapping
    version: 1.0.0
    digest: ${SUM}
    urls:
    - a.tgz
  - version: 0.9.0
    home: "unclosed
    urls: [b.tgz]
`;
  const index = await readIndex(text);
  assert.equal(await index?.versions('web'), [
    { version: '1.0.0', urls: ['a.tgz'], digest: SUM },
    { version: '0.9.0', urls: ['b.tgz'], digest: undefined },
  ]);
});

indexes('a version without quotes that looks like a number', async () => {
  const index = await readIndex('entries:\n  web:\n  - urls: [a]\n    version: 2\n  - version: "1.10"\n    urls: []\n');
  assert.equal(
    (await index?.versions('web'))?.map(({ version }) => version),
    ['2', '1.10'],
  );
});

indexes('what is no index', async () => {
  for (const source of ['', '<html></html>', 'just: yaml\n', '{"a":1}', '{broken', 'a: [1\n'])
    assert.is(await readIndex(source), undefined, source);
});

indexes.run();
