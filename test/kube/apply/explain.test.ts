// What a person is told of a refusal, and what must never be told.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apiErrorOf } from '../../../scripts/kube/client/errors.ts';
import { explain } from '../../../scripts/kube/apply/explain.ts';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { statusObject } from '../../doubles/kube-server.ts';

const explaining = suite('kube: explain');

function manifest(kind: string, more: object = {}): Manifest {
  return {
    object: { apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'web' }, ...more },
    where: 'f.yaml:1:1',
  };
}

function told(code: number, reason: string, message: string, details: object = {}, of = manifest('ConfigMap')) {
  return explain(of, apiErrorOf('PATCH /x', code, statusObject(code, reason, message, details)));
}

explaining('names the owners and fields of a conflict', () => {
  const causes = [
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' },
    { reason: 'FieldManagerConflict', message: 'conflict with "helm"', field: '.data.b' },
  ];
  const { message, hint } = told(409, 'Conflict', 'Apply failed with 2 conflicts', { causes });
  assert.is(message, 'changed by others since the last apply: .data.a (by kubectl), .data.b (by helm)');
  assert.match(hint ?? '', /onConflict/);
});

explaining('names immutable fields without the pages that the server quotes', () => {
  const causes = [
    {
      reason: 'FieldValueInvalid',
      field: 'spec.selector',
      message: `Invalid value: ${'x'.repeat(9999)}: field is immutable`,
    },
  ];
  const { message, hint } = told(422, 'Invalid', 'Deployment is invalid', { causes }, manifest('Deployment'));
  assert.is(message, 'cannot be changed on the existing object: spec.selector');
  assert.match(hint ?? '', /kubectl delete deployment x -n web/);
});

explaining('keeps other invalid values as the server tells them, cut to a readable length', () => {
  const { message } = told(422, 'Invalid', `ConfigMap "x" is invalid: ${'y'.repeat(9999)}`);
  assert.match(message, /^PATCH \/x: ConfigMap "x" is invalid: y+…$/);
  assert.ok(message.length < 600);
});

explaining('says what to do about values without quotes and about exports', () => {
  const unquoted = told(
    500,
    '',
    'errors:\n  .data.level: expected string, got &value.valueUnstructured{Value:false}\n  .data.n: expected string, got &value.valueUnstructured{Value:1.5e+3}',
  );
  assert.match(unquoted.message, /\.data\.level: expected string, got false \.data\.n: expected string, got 1\.5e\+3$/);
  assert.match(unquoted.hint ?? '', /^put the value in quotes/);
  for (const message of [
    'metadata.managedFields must be nil',
    'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid 1',
    'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes',
  ]) {
    assert.match(
      told(409, 'Conflict', message).hint ?? '',
      /kubectl get -o yaml.*take metadata\.managedFields, uid/,
      message,
    );
  }
  // What names a field of these by itself is no export.
  assert.is(told(422, 'Invalid', 'spec.replicas: Invalid value: -1').hint, undefined);
});

explaining('explains namespaces that end or are not there', () => {
  const causes = [{ reason: 'NamespaceTerminating', message: 'namespace web is being terminated' }];
  assert.is(told(403, 'Forbidden', 'forbidden', { causes }).message, 'namespace web is being deleted');
  const missing = told(404, 'NotFound', 'namespaces "web" not found', { kind: 'namespaces', name: 'web' });
  assert.is(missing.message, 'namespace web does not exist');
});

explaining('says of a missing right that it is one', () => {
  const message = 'configmaps "x" is forbidden: User "u" cannot patch resource "configmaps"';
  assert.match(told(403, 'Forbidden', message).hint ?? '', /right/);
});

explaining('never repeats what a Secret holds', () => {
  const secret = manifest('Secret', {
    data: { a: 12345678, b: 'aHVudGVyMg==' },
    stringData: { c: 'line "one"\nline two', d: '' },
  });
  const message =
    'failed: .data.a: expected string, got &value{12345678}; aHVudGVyMg== is hunter2; "line \\"one\\"\\nline two"';
  const { message: safe } = told(500, '', message, {}, secret);
  for (const leak of ['12345678', 'aHVudGVyMg', 'hunter2', 'line'])
    assert.not(safe.includes(leak), `${leak} in ${safe}`);
  assert.match(safe, /\.data\.a: expected string/);
});

explaining('hides the values of a Secret as the server quotes them, and nothing else', () => {
  const secret = manifest('Secret', { stringData: { a: '"quoted" one', b: '' }, data: { c: 'aGk=' } });
  const said = (message: string): string => told(500, '', message, {}, secret).message;
  assert.match(said('got "\\"quoted\\" one": no'), /got "\*\*\*": no$/);
  assert.match(said('got "quoted" one: no'), /got \*\*\*: no$/);
  assert.match(said('got aGk= or hi: no'), /got \*\*\* or \*\*\*: no$/);
  assert.match(said('no word of it'), /no word of it$/);
});

explaining('tells what is not a refusal as it is', () => {
  assert.equal(explain(manifest('ConfigMap'), new Error('plain')), { message: 'plain' });
});

explaining.run();
