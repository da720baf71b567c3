// OpenShift Templates: what a parameter stands for in a text and in place of a value, and what is missing.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isTemplate, processTemplate } from '../../../scripts/fleet/sets/openshift-template.ts';

const templates = suite('OpenShift templates');

const processed = (parameters: unknown, object: unknown, given: Record<string, string> = {}) => {
  const { objects, problems } = processTemplate({ parameters, objects: [object] }, given, () => 't.yaml');
  return { object: objects[0]?.object, problems: problems.map(({ where, message }) => `${where} ${message}`) };
};

templates('parameters go into texts at any depth, and stand for values that are no texts', () => {
  const parameters = [
    { name: 'NAME', value: 'web' },
    { name: 'COUNT', value: 3 },
    { name: 'LIST', value: ['a'] },
  ];
  const object = {
    kind: 'X',
    texts: ['${NAME}-${COUNT}', { deep: 'as ${NAME}, ${NAME}' }],
    values: ['${{COUNT}}', '${{LIST}}', '${{NAME}}', 'n${{COUNT}}'],
    others: [7, true, null, 'plain', '$NAME'],
  };
  assert.equal(processed(parameters, object), {
    object: {
      kind: 'X',
      texts: ['web-3', { deep: 'as web, web' }],
      values: [3, ['a'], 'web', 'n${{COUNT}}'],
      others: [7, true, null, 'plain', '$NAME'],
    },
    problems: [],
  });
});

templates('a value that is given wins over the default; one without either is empty, unless it is required', () => {
  const parameters = [{ name: 'A', value: 'default' }, { name: 'B' }, { name: 'C', value: null, required: false }];
  const object = { text: '[${A}][${B}][${C}]' };
  assert.equal(processed(parameters, object), { object: { text: '[default][][]' }, problems: [] });
  assert.equal(processed(parameters, object, { A: 'own', B: '' }).object, { text: '[own][][]' });
  const required = [
    { name: 'A', value: '', required: true },
    { name: 'B', required: true },
  ];
  assert.equal(processed(required, object).problems, ['t.yaml parameter B needs a value']);
  assert.equal(processed(required, object, { B: 'x' }).problems, []);
});

templates('what is no parameter stays in a text, and is refused as a value', () => {
  const parameters = [{ name: 'REPLICAS', value: '1' }, { value: 'nameless' }, 'odd'];
  assert.equal(processed(parameters, { text: 'echo ${HOME}' }), { object: { text: 'echo ${HOME}' }, problems: [] });
  assert.equal(processed(parameters, { count: '${{REPLICA}}', other: '${{ELSE_WHERE}}' }).problems, [
    't.yaml ${REPLICA} is no parameter of this Template; did you mean REPLICAS?',
    't.yaml ${ELSE_WHERE} is no parameter of this Template',
  ]);
});

templates('a Template is one by its kind and group; what it holds that is no object is left out', () => {
  assert.is(isTemplate({ kind: 'Template', apiVersion: 'v1' }), true);
  assert.is(isTemplate({ kind: 'Template', apiVersion: 'template.openshift.io/v1' }), true);
  assert.is(isTemplate({ kind: 'Template', apiVersion: 'other.example/v1' }), false);
  assert.is(isTemplate({ kind: 'ConfigMap', apiVersion: 'v1' }), false);
  assert.equal(processTemplate({ objects: ['text', { kind: 'A' }] }, {}, () => 't').objects, [
    { object: { kind: 'A' }, at: 1 },
  ]);
  assert.equal(
    processTemplate({ objects: 'text', parameters: {} }, {}, () => 't'),
    { objects: [], problems: [] },
  );
});

templates.run();
