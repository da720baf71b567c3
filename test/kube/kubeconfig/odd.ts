// Kubeconfigs in every way in which people, tools and editors write them.

import fc from 'fast-check';
import { type ContextSpec, mergeText } from '../../../scripts/kube/kubeconfig/merge.ts';
import { removeText } from '../../../scripts/kube/kubeconfig/remove.ts';

const name = fc.constantFrom(
  'kind-a',
  'k3d-b',
  'prod',
  'me@example.org',
  'arn:aws:eks:eu:1:cluster/x',
  'ünï',
  'two words',
);

function quoted(text: string): fc.Arbitrary<string> {
  const plain = /^[\w.@/ü-ÿï-]+$/.test(text) && !text.startsWith('@') ? [text] : [];
  return fc.constantFrom(JSON.stringify(text), `'${text}'`, ...plain);
}

const comment = fc.constantFrom('', '', '', ' # note', '  # hoist? no: "x" {', '   ');
const between = fc.constantFrom('', '', '\n', '# a comment\n', '\n  # indented: [\n\n', '   \n');

const body: Record<string, fc.Arbitrary<string[]>> = {
  clusters: fc.constantFrom(
    ['cluster:', '  server: https://127.0.0.1:6443 # here', '  certificate-authority-data: QUJD'],
    ['cluster: {server: "https://x", insecure-skip-tls-verify: true}'],
    ['cluster:', '  certificate-authority: |', '    not', '    a path', '', '  server: https://y'],
    ['cluster:'],
  ),
  contexts: fc.constantFrom(
    ['context:', '  cluster: prod', '  # which one', '  user: prod'],
    ['context: {cluster: prod, user: prod, namespace: x}'],
  ),
  users: fc.constantFrom(
    ['user:', '  token: "abc: #def"'],
    ['user: {}'],
    ['user:', '  exec:', '    args:', '    - a', '    -   b', '    command: x'],
    ['user: >-', '  folded', '  text'],
  ),
};

/** Items of a block list at an indent, with comments and blank lines between. */
function blockItems(key: string): fc.Arbitrary<string> {
  const item = fc
    .tuple(name, between, fc.nat(2), comment, body[key] ?? fc.constant([]))
    .chain(([n, before, gap, c, lines]) =>
      quoted(n).map((q) => {
        const pad = ' '.repeat(gap + 1);
        const inner = ' '.repeat(gap + 2);
        return {
          n,
          before,
          text: [`-${pad}name: ${q}${c}`, ...lines.map((line) => (line === '' ? '' : inner + line))],
        };
      }),
    );
  return fc
    .tuple(fc.uniqueArray(item, { minLength: 1, maxLength: 3, selector: (i) => i.n }), fc.constantFrom(0, 2, 4))
    .map(([items, indent]) =>
      items
        .map(
          ({ before, text }) => before + text.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n'),
        )
        .join('\n'),
    );
}

function flowItems(key: string): fc.Arbitrary<string> {
  const single = key.slice(0, -1);
  const item = fc.tuple(name, fc.boolean()).map(([n, json]) => ({
    n,
    text: json
      ? `{"name":${JSON.stringify(n)},"${single}":{"x":"y"}}`
      : `{ name: ${JSON.stringify(n)}, ${single}: {x: [1, 2,]} }`,
  }));
  const items = fc
    .uniqueArray(item, { minLength: 1, maxLength: 3, selector: (i) => i.n })
    .map((all) => all.map((i) => i.text));
  return fc
    .tuple(items, fc.constantFrom(', ', ',', ' , ', ',\n    '), fc.constantFrom('', ',', ' ', '\n  '))
    .map(([all, separator, end]) => `[${separator.includes('\n') ? '\n    ' : ''}${all.join(separator)}${end}]`);
}

function list(key: string): fc.Arbitrary<string | undefined> {
  const empty = fc.tuple(
    fc.constantFrom('', ' null', ' ~', ' []', '   [ ]', ' [\n  ]', ' # c\n  []', ' &a []', '\n  null'),
    comment,
  );
  return fc.oneof(
    fc.constant(undefined),
    empty.map(([value, c]) => `${key}:${value}${c}\n`),
    fc.tuple(comment, blockItems(key)).map(([c, items]) => `${key}:${c}\n${items}\n`),
    fc.tuple(flowItems(key), comment).map(([items, c]) => `${key}: ${items}${c}\n`),
  );
}

const current = fc.constantFrom(
  undefined,
  'current-context: ""\n',
  "current-context: '' # none\n",
  'current-context:\n',
  'current-context:   # nothing\n',
  'current-context: null\n',
  'current-context: ~ # c\n',
  'current-context: # c\n  ""\n',
);
const other = fc.constantFrom(
  'preferences: {}\n',
  'preferences:\n  colors: true\n',
  'extensions:\n- name: x\n  extension:\n    a: |\n      text\n\n',
  '"quoted key": 1 # why\n',
  '# a comment alone\nx-y: &anchor\n  b: 1\nz: *anchor\n',
);

const head = fc.constantFrom('', '# first\n', '\n\n', '---\n', '# c\n--- # start\n', '%YAML 1.2\n---\n');
const tail = fc.constantFrom('', '', '# last\n', '\n\n', '  # indented\n', '...\n');

const block = fc
  .record({
    head,
    tail,
    version: fc.constantFrom('apiVersion: v1\n', 'apiVersion: "v1" # one\n', ''),
    keys: fc.tuple(list('clusters'), list('contexts'), list('users'), current, other),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    gap: between,
    indent: fc.constantFrom(0, 0, 0, 2),
  })
  .map(({ head: first, tail: last, version, keys, order, gap, indent }) => {
    const parts = [version, ...order.flatMap((i) => keys[i] ?? [])].filter((part) => part !== '');
    const text = parts.join(gap);
    const shifted = indent === 0 ? text : text.replace(/^(?=.*\S)/gm, ' '.repeat(indent));
    return first + shifted + last;
  });

const json = fc
  .record(
    {
      apiVersion: fc.constant('v1'),
      kind: fc.constant('Config'),
      clusters: fc.constantFrom(null, [], [{ name: 'a', cluster: { server: 'x' } }], [{ name: 'a' }, { name: 'b' }]),
      contexts: fc.constantFrom(null, [], [{ name: 'a', context: { cluster: 'a', user: 'a' } }]),
      users: fc.constantFrom(null, [], [{ name: 'a', user: { token: 't' } }]),
      'current-context': fc.constantFrom('', null),
    },
    { requiredKeys: [] },
  )
  .chain((config) =>
    fc.constantFrom(JSON.stringify(config), JSON.stringify(config, null, 2), JSON.stringify(config, null, '\t')),
  );

const flow = fc.constantFrom(
  '{}',
  '{ }\n',
  '--- {}\n',
  '{apiVersion: v1, clusters: , users: ~, }\n',
  '{\n  apiVersion: v1, # c\n  contexts: [\n  ],\n}\n',
  '{clusters: [], contexts: [ {name: a, context: {cluster: x}}, ], current-context: }',
);
const nothing = fc.constantFrom('', '\n', '# only a comment', '# only a comment\n', '---\n', '---', '   \n');

const text = fc.oneof(
  { weight: 8, arbitrary: block },
  { weight: 2, arbitrary: json },
  { weight: 1, arbitrary: flow },
  { weight: 1, arbitrary: nothing },
);

/** Also with other line ends, without a last one, and with a byte order mark. */
export const oddKubeconfig = fc.tuple(text, fc.boolean(), fc.boolean(), fc.nat(9)).map(([plain, crlf, cut, bom]) => {
  const shortened = cut ? plain.replace(/\n$/, '') : plain;
  // An indented file after a byte order mark is no YAML.
  return (bom === 0 && !/^\s/m.test(plain) ? '\uFEFF' : '') + (crlf ? shortened.replace(/\n/g, '\r\n') : shortened);
});

/** A context of someone else, in the short form. */
export const MINE = 'contexts:\n- name: mine\n  context: {cluster: x, user: me}\n- name: other\n  context: {}\n';

function spec(name: string, more: Partial<ContextSpec> = {}): ContextSpec {
  const cluster = { server: 'https://127.0.0.1:36443', 'certificate-authority-data': 'QUJD' };
  return { name, cluster, user: { token: 'abc' }, setCurrent: true, ...more };
}
export const merge = (text: string | undefined, name = 'hoist-dev', more: Partial<ContextSpec> = {}): string =>
  mergeText(text, 'config', spec(name, more));
export const remove = (text: string, name = 'hoist-dev'): string | undefined => removeText(text, 'config', name);
