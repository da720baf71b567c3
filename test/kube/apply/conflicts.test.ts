// Whose change of a field wins, by policy and by who made it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import {
  type ConflictPolicy,
  conflictsOf,
  type OwnedField,
  resolveConflicts,
} from '../../../scripts/kube/apply/conflicts.ts';

const test = suite('kube/apply/conflicts');

const object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 2, paused: false },
};
const refused = (...causes: object[]): KubeApiError =>
  new KubeApiError('conflict', { status: 409, reason: 'Conflict', details: { causes } });

test('a refusal names the fields and who owns them; other reasons are none', () => {
  const error = refused(
    { reason: 'FieldManagerConflict', field: '.spec.replicas', message: 'conflict with "kubectl-edit" using apps/v1' },
    {
      reason: 'FieldManagerConflict',
      field: '.spec.paused',
      message: 'conflict with "kcm" with subresource "scale" using v1',
    },
    { reason: 'FieldValueInvalid', field: '.spec.x', message: 'bad' },
    { reason: 'FieldManagerConflict', message: 'said in another way' },
  );
  assert.equal(conflictsOf(error), [
    { field: '.spec.replicas', manager: 'kubectl-edit' },
    { field: '.spec.paused', manager: 'kcm (scale)' },
    { field: '?', manager: 'said in another way' },
  ]);
  assert.equal(conflictsOf(new KubeApiError('x', { status: 409 })), []);
});

const byPerson: OwnedField = { field: '.spec.paused', manager: 'kubectl-edit' };
const byController: OwnedField = { field: '.spec.replicas', manager: 'kube-controller-manager (scale)' };

const policies: [policy: ConflictPolicy, spec: object, taken: OwnedField[], left: OwnedField[]][] = [
  ['decide', { paused: false }, [byPerson], [byController]],
  ['take', { replicas: 2, paused: false }, [byPerson, byController], []],
];
for (const [policy, spec, taken, left] of policies) {
  test(`policy ${policy}`, () => {
    const resolution = resolveConflicts(object, [byPerson, byController], policy);
    assert.equal(resolution?.object['spec'], spec);
    assert.equal([resolution?.taken, resolution?.left], [taken, left]);
    assert.equal(object.spec, { replicas: 2, paused: false }, 'the manifest itself stays');
  });
}

test('policy leave takes out every field that others own, policy fail nothing', () => {
  const left = resolveConflicts(object, [byPerson, byController], 'leave');
  assert.equal([left?.taken, left?.left], [[], [byPerson, byController]]);
  assert.is(JSON.stringify(left?.object).includes('replicas'), false);
  assert.is(JSON.stringify(left?.object).includes('paused'), false);
  assert.is(resolveConflicts(object, [byPerson], 'fail'), undefined);
});

test('without conflicts, or with a field that is not in the manifest, the refusal stands', () => {
  assert.is(resolveConflicts(object, [], 'take'), undefined);
  assert.is(resolveConflicts(object, [{ field: '.spec.unknown', manager: 'hpa' }], 'decide'), undefined);
});

test('people are those who come with a client for people, whatever its version', () => {
  const taken = (manager: string): boolean =>
    resolveConflicts(object, [{ field: '.spec.replicas', manager }], 'decide')?.taken.length === 1;
  for (const manager of ['kubectl', 'kubectl-client-side-apply', 'k9s', 'Lens', 'Mozilla', 'before-first-apply'])
    assert.is(taken(manager), true, manager);
  for (const manager of ['kubectlish', 'argocd-controller', 'helm', 'my-kubectl'])
    assert.is(taken(manager), false, manager);
});

test.run();
