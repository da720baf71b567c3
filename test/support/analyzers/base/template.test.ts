// Messages of checks: fields of Go's structs over the keys of JSON, and those of embedded metadata.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BadCheck } from '../../../../scripts/support/analyzers/base/check.ts';
import { render } from '../../../../scripts/support/analyzers/base/template.ts';

const template = suite('support/analyzers/base/template');

template('capital letters find keys of JSON, their own case first; small ones are taken as they are', () => {
  const data = { name: 'json', Name: 'go', podName: 'p', metadata: { namespace: 'n', podName: 'inner' } };
  assert.is(render('{{ .Name }} {{ .name }} {{ .PodName }} {{ .Namespace }}', data), 'go json p n');
  assert.is(render('[{{ .podname }}]', data), '[]');
  assert.is(render('[{{ .Nothing }}][{{ .Name.Deeper }}]', { name: 'x' }), '[][]');
  assert.is(render('no braces', undefined), 'no braces');
});

template('metadata that is none is no place to look', () => {
  assert.is(render('[{{ .Name }}]', { metadata: 'text' }), '[]');
  assert.is(render('[{{ .Name }}]', { metadata: null }), '[]');
  assert.is(render('[{{ .Name }}]', null), '[]');
});

template('what is no template is refused with its text', () => {
  assert.throws(
    () => render('{{ .Name', {}),
    (error: unknown) => error instanceof BadCheck && error.message.endsWith('in: {{ .Name'),
  );
});

template.run();
