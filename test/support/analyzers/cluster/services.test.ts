// Checks of what collectors asked of other services: each subject and sign, boundaries, filters, and what each refuses.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asked, each, run, when } from '../ask.ts';

const services = suite('support/analyzers/cluster/services');

type Subject = Asked & { spec: Record<string, unknown> };
const of = (path: string, value: unknown, spec: Record<string, unknown> = {}): Subject => ({
  files: { [path]: value },
  spec,
});

async function first(kind: string, subject: Subject, spec: Record<string, unknown>): Promise<string> {
  const [one] = await run(kind, { ...subject.spec, ...spec }, subject);
  return `${one?.outcome} ${one?.message}`;
}

services('databases: connected and version', async () => {
  const up = of('mysql/mysql.json', { isConnected: true, version: '8.0.3' });
  await each('mysql', up, {
    'connected = true': true,
    'connected = false': false,
    'connected != true': false,
    'connected != false': true,
    'version = 8.0.3': true,
    'version >= 8.x': true,
    'version < 8.0.3': false,
  });
  const down = of('mysql/mysql.json', { isConnected: false, error: 'refused' });
  await each('mysql', down, {
    'connected = true': false,
    'connected = false': true,
    'connected != true': true,
    'version > 0.0.1': false,
  });
  assert.is(await first('mysql', up, when('connected = true')), 'fail connected = true');
  assert.is(await first('mysql', down, when('connected = false')), 'fail connected = false refused');
  const pass = { outcomes: [{ pass: { when: 'connected = false', message: 'as wished' } }] };
  assert.is(await first('mysql', down, pass), 'pass as wished');
  assert.match(await first('mysql', up, when('version < 1.0.0')), 'found version 8.0.3');
  assert.match(await first('mysql', down, when('connected = true')), 'found no connection: refused');
  assert.match(await first('mysql', of('mysql/mysql.json', {}), when('connected = true')), /found no connection$/);
  assert.match(await first('mysql', up, when('name = x')), 'is about neither connected nor version');
  const named = of('mysql/own.json', { isConnected: true });
  assert.is(await first('mysql', named, { fileName: 'own.json', ...when(undefined) }), 'pass else');
  assert.is(await first('mysql', named, { collectorName: 'own', ...when(undefined) }), 'pass else');
  assert.is((await run('mysql', { collectorName: 'own', ...when(undefined) }, named))[0]?.title, 'own');
});

services('HTTP: errors and status codes', async () => {
  const answered = (status: number): Subject => of('result/result.json', { response: { status } });
  await each('http', answered(404), {
    error: false,
    'statusCode = 404': true,
    'statusCode == 404': true,
    'statusCode === 404': true,
    'statusCode != 404': false,
    'statusCode !== 404': false,
    'statusCode > 403': true,
    'statusCode >= 405': false,
    'statusCode < 404': false,
    'statusCode <= 404': true,
    'statusCode >= 400 && statusCode < 500': true,
    'statusCode >= 400 && statusCode < 404': false,
    'statusCode == 200 || (statusCode == 404)': true,
    'statusCode == 200 || statusCode == 201': false,
  });
  const failed = of('result/result.json', { error: { message: 'no route' } });
  await each('http', failed, { error: true, 'statusCode != 200': false });
  await each('http', of('result/result.json', { error: null, response: { status: 200 } }), { error: false });
  await each('http', of('result/result.json', { response: null }), { 'statusCode != 200': false });
  assert.match(await first('http', failed, when('statusCode = 1')), 'found an error: no route');
  assert.match(await first('http', answered(404), when('error')), 'found status 404');
  assert.match(await first('http', answered(404), when('status = 1')), 'neither error nor an expression of statusCode');
});

services('images of registries', async () => {
  const images = { a: { exists: true }, b: { exists: false }, c: { error: 'x', exists: true }, d: {} };
  const subject = of('registry/mine.json', { images }, { collectorName: 'mine' });
  await each('registryImages', subject, { 'verified = 1': true, 'missing = 2': true, 'errors = 1': true });
  assert.match(await first('registryImages', subject, when('verified > 1')), 'found 1 verified, 2 missing, 1 errors');
  const template =
    '{{ .VerifiedCount }} {{ .MissingCount }} {{ .ErrorsCount }} {{ .Verified }} {{ .Missing }} {{ .Errors }}';
  assert.is(
    await first('registryImages', subject, { outcomes: [{ pass: { message: template } }] }),
    'pass 1 2 1 [a] [b d] [c]',
  );
  assert.match(await first('registryImages', subject, when('toString > 1')), '"toString" is none of verified');
});

services('kernel parameters of nodes', async () => {
  const line = (value: string): string => `/proc/sys/net/ipv4/ip_forward = ${value}\n`;
  const subject: Subject = {
    files: {
      'sysctl/a': `${line('0')}/proc/sys/kernel/x = some words \n`,
      'sysctl/b': line('1'),
      'sysctl/c': line('0'),
    },
    spec: {},
  };
  assert.is(
    await first('sysctl', subject, when('net.ipv4.ip_forward = 0')),
    'fail Nodes a, c: net.ipv4.ip_forward = 0',
  );
  assert.is(await first('sysctl', subject, when('net.ipv4.ip_forward > 0')), 'fail Node b: net.ipv4.ip_forward > 0');
  assert.is(await first('sysctl', subject, when('kernel.x = some words')), 'fail Node a: kernel.x = some words');
  assert.is(await first('sysctl', subject, when('net.ipv4.ip_forward > 1', undefined)), 'pass else');
  assert.match(await first('sysctl', subject, when('kernel.y = 1')), 'found 3 nodes');
  assert.match(await first('sysctl', subject, when('kernel.x > 1')), '"some words" and "1" are not both numbers');
  assert.match(await first('sysctl', subject, when('net.ipv4.ip_forward < one')), '"0" and "one" are not both numbers');
  assert.match(await first('sysctl', subject, when('kernel.x')), 'is nothing like net.ipv4.ip_forward = 1');
  assert.match(await first('sysctl', { files: {}, spec: {} }, when('a = 1')), 'sysctl/* was not collected');
});

services('certificates: valid ones pass or warn, others fail', async () => {
  const entry = (isValid: boolean, notAfter: string, source: Record<string, string>): unknown => ({
    source: { namespace: 'n', ...source },
    certificateChain: [{ certificate: 'tls.crt', isValid, notAfter }],
  });
  const outcomes = [
    { pass: { message: 'is fine' } },
    { warn: { when: 'notAfter < Today + 15 days', message: 'expires' } },
    { fail: { message: 'is bad' } },
  ];
  const says = (
    isValid: boolean,
    notAfter: string,
    list: unknown[] = outcomes,
    source = { secret: 's' },
  ): Promise<string> =>
    first('certificates', of('certificates/certificates.json', [entry(isValid, notAfter, source)]), { outcomes: list });
  const from = 'obtained from s secret within n namespace';
  assert.is(await says(true, '2024-06-15T23:59:59Z'), `warn tls.crt expires in 15 days, ${from}`);
  assert.is(await says(true, '2024-06-16T00:00:00Z'), `pass tls.crt is fine, ${from}`);
  assert.is(await says(false, '2024-06-02T00:00:00Z'), `fail tls.crt is bad, ${from}`);
  assert.match(await says(true, '2025-06-16T00:00:00Z', outcomes.slice(1)), 'found tls.crt, which is valid');
  assert.match(await says(false, '2025-06-16T00:00:00Z', outcomes.slice(0, 2)), 'found tls.crt, which is invalid');
  assert.match(await says(true, '2024-06-02T00:00:00Z', [{ warn: { when: 'soon', message: 'x' } }]), 'which is valid');
  const map = of('certificates/certificates.json', [
    { source: { configMap: 'm', namespace: 'n' }, certificateChain: [{ certificate: 'ca', isValid: true }] },
  ]);
  assert.is(
    await first('certificates', map, { outcomes }),
    'pass ca is fine, obtained from m configmap within n namespace',
  );
  assert.match(
    await first('certificates', of('certificates/certificates.json', []), { outcomes }),
    'found no certificates',
  );
});

services('events: by reason, kind and message', async () => {
  const events = [
    { reason: 'Killing', message: 'first', involvedObject: { kind: 'Job', name: 'j' } },
    { reason: 'Unhealthy', message: 'probe failed: 503', involvedObject: { kind: 'Pod', name: 'x' } },
  ];
  const subject = of('cluster-resources/events/default.json', { items: events });
  const outcomes = [
    { fail: { when: 'true', message: '{{ .InvolvedObject.Name }}: {{ .Message }}' } },
    { pass: { when: 'false', message: 'none' } },
  ];
  const says = (spec: Record<string, unknown>): Promise<string> => first('event', subject, { outcomes, ...spec });
  assert.is(await says({ reason: 'UNHEALTHY' }), 'fail x: probe failed: 503');
  assert.is(await says({ reason: 'Unhealthy', kind: 'pod' }), 'fail x: probe failed: 503');
  assert.is(await says({ reason: 'Unhealthy', kind: 'Job' }), 'pass none');
  assert.is(await says({ reason: 'Unhealthy', regex: '50\\d' }), 'fail x: probe failed: 503');
  assert.is(await says({ reason: 'Unhealthy', regex: 'first' }), 'pass none');
  assert.is(await says({ reason: 'Killing' }), 'fail j: first');
  assert.match(await says({}), 'it has no reason');
  assert.match(await says({ reason: 'Unhealthy', namespace: 'other' }), 'events/other.json was not collected');
  assert.match(await says({ reason: 'None', outcomes: outcomes.slice(0, 1) }), 'found no event with reason none');
  assert.match(await says({ reason: 'Killing', outcomes: outcomes.slice(1) }), 'found first');
});

services('volumes of nodes: how full claims are', async () => {
  const volume = (name: string, namespace: string, usedBytes: number, capacityBytes: number): unknown => ({
    usedBytes,
    capacityBytes,
    pvcRef: { name, namespace },
  });
  const pods = [
    { volume: [volume('data-0', 'a', 85, 100), volume('logs', 'b', 10, 100), { usedBytes: 99, capacityBytes: 100 }] },
    { volume: [volume('empty', 'a', 0, 0), volume('tiny', 'a', 1, 1)] },
    {},
  ];
  const subject = of('node-metrics/n.json', { pods });
  const says = (text: string, pvc?: Record<string, unknown>): Promise<string> =>
    first('nodeMetrics', subject, {
      filters: { pvc },
      outcomes: [{ fail: { when: text, message: '{{ .PVC.ConcatenatedNames }}' } }, { pass: { message: 'fine' } }],
    });
  assert.is(await says('pvcUsedPercentage >= 85'), 'fail a/data-0, a/tiny');
  assert.is(await says('pvcUsedPercentage > 85'), 'fail a/tiny');
  assert.is(await says('pvcUsedPercentage < 85%'), 'fail b/logs');
  assert.is(await says('pvcUsedPercentage > 100'), 'pass fine');
  assert.is(await says('pvcUsedPercentage > 1', { nameRegex: '^data' }), 'fail a/data-0');
  assert.is(await says('pvcUsedPercentage > 1', { namespace: 'b' }), 'fail b/logs');
  assert.is(await says('pvcUsedPercentage > 1', { namespace: 'c' }), 'pass fine');
  assert.match(await says('cpu > 1'), '"cpu" is not known: pvcUsedPercentage is');
  const none = await first('nodeMetrics', subject, when('pvcUsedPercentage > 100'));
  assert.match(none, 'found 3 persistent volume claims');
  assert.match(
    await first('nodeMetrics', { files: {}, spec: {} }, when('a > 1')),
    'node-metrics/*.json was not collected',
  );
});

services.run();
