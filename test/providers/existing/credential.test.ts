// A credential whose time is over is named before anything is asked; one that a server refuses, after.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import type { KubeTarget } from '../../../scripts/kube/kubeconfig/read.ts';
import { assertNotExpired, explainRefusal } from '../../../scripts/providers/existing/credential.ts';
import { certificate } from '../../doubles/certificates.ts';

const test = suite('providers/existing/credential');

const target = (own: object): KubeTarget =>
  ({ connection: { server: 'https://s', ...own }, user: 'ann', context: 'dev' }) as unknown as KubeTarget;
const token = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const NOW = new Date('2026-01-01T00:00:00Z');

function said(own: object, now = NOW): string | undefined {
  try {
    assertNotExpired(target(own), now);
    return undefined;
  } catch (error) {
    assert.instance(error, HealthError);
    return (error as Error).message;
  }
}

test('a token by its own claim', () => {
  const at = (seconds: number): number => NOW.getTime() / 1000 + seconds;
  assert.is(
    said({ token: token({ exp: at(-60) }) }),
    'the token of user "ann" (context "dev") has expired on 2025-12-31T23:59:00Z',
  );
  assert.ok(said({ token: token({ exp: at(0) }) }));
  assert.is(said({ token: token({ exp: at(1) }) }), undefined);
});

test('what says nothing of itself is not over', () => {
  for (const odd of ['opaque', 'a.b.c', token({}), token({ exp: '1' }), token({ exp: 1e20 }), token(null), ''])
    assert.is(said({ token: odd }), undefined, odd);
  assert.is(said({}), undefined);
  assert.is(said({ clientCertificate: 'none' }), undefined);
});

test('a client certificate by its end', () => {
  const { cert } = certificate();
  assert.is(said({ clientCertificate: cert }, new Date()), undefined);
  assert.match(
    said({ clientCertificate: cert }, new Date('2999-01-01')) ?? '',
    /^the client certificate of user "ann"/,
  );
});

test('a refusal of the credential is explained, other errors stay as they are', () => {
  const refused = new KubeApiError('x', { status: 401 });
  const explained = explainRefusal(refused, target({})) as HealthError;
  assert.is(
    explained.message,
    'https://s does not accept the credential of user "ann" (context "dev"): it has expired or was withdrawn',
  );
  assert.is(explained.cause, refused);
  for (const other of [new KubeApiError('x', { status: 403 }), new Error('x')])
    assert.is(explainRefusal(other, target({})), other);
});

test.run();
