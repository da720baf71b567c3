// Objects of a bundle in the form that an API server can read: redacted bytes, webhooks, nodes without an address.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storable } from '../../../scripts/support/open/storable.ts';

const test = suite('support/open/storable');

type Json = Record<string, unknown>;
const made = (kind: string, more: Json): Json =>
  storable({ metadata: { name: 'x', resourceVersion: '7', uid: 'u' }, ...more }, kind) as unknown as Json;
const b64 = (text: string): string => Buffer.from(text).toString('base64');

test('its version in another etcd goes, all else of its metadata stays', () => {
  assert.equal(made('Service', { spec: { a: 1 } }), { metadata: { name: 'x', uid: 'u' }, spec: { a: 1 } });
});

test('values of Secrets that are no base64 any more are stored as the text that they are', () => {
  const { data, stringData } = made('Secret', {
    data: { good: b64('hello'), hidden: '***HIDDEN***', short: 'abc', empty: '', number: 7, none: null },
    stringData: { a: 'b' },
  });
  assert.equal(data, {
    good: b64('hello'),
    hidden: b64('***HIDDEN***'),
    short: b64('abc'),
    empty: '',
    number: 7,
    none: undefined,
  });
  assert.is(stringData, undefined);
  assert.is(made('Secret', { data: null })['data'], undefined);
  assert.is(made('Secret', { data: 'text' })['data'], undefined);
});

test('of ConfigMaps it is the binary values; texts stay', () => {
  const { data, binaryData } = made('ConfigMap', { data: { a: '***' }, binaryData: { b: '***' } });
  assert.equal([data, binaryData], [{ a: '***' }, { b: b64('***') }]);
});

test('requests for certificates', () => {
  const { spec, status } = made('CertificateSigningRequest', {
    spec: { request: '***', usages: ['x'] },
    status: { certificate: b64('ok') },
  });
  assert.equal([spec, status], [{ request: b64('***'), usages: ['x'] }, { certificate: b64('ok') }]);
  const bare = made('CertificateSigningRequest', {});
  assert.equal([bare['spec'], bare['status']], [undefined, undefined]);
});

test('definitions convert nothing, webhooks have authorities that are bytes', () => {
  const { spec } = made('CustomResourceDefinition', {
    spec: { group: 'g', preserveUnknownFields: true, conversion: { strategy: 'Webhook' } },
  });
  assert.equal(spec, { group: 'g', preserveUnknownFields: undefined, conversion: { strategy: 'None' } });
  assert.is(made('CustomResourceDefinition', {})['spec'], undefined);
  const { webhooks } = made('ValidatingWebhookConfiguration', {
    webhooks: [{ name: 'a', clientConfig: { url: 'u', caBundle: '***' } }, { name: 'b' }, null],
  });
  assert.equal(webhooks, [{ name: 'a', clientConfig: { url: 'u', caBundle: b64('***') } }, { name: 'b' }, null]);
});

test('a node has an address, its own where it has one', () => {
  const addresses = [{ type: 'InternalIP', address: '10.0.0.1' }];
  assert.equal(made('Node', { status: { addresses, a: 1 } })['status'], { addresses, a: 1 });
  const given = [{ type: 'Hostname', address: 'x' }];
  assert.equal(made('Node', { status: { addresses: [], a: 1 } })['status'], { a: 1, addresses: given });
  assert.equal(made('Node', {})['status'], { addresses: given });
  assert.equal(made('Node', { status: { addresses: 'odd' } })['status'], { addresses: given });
});

test.run();
