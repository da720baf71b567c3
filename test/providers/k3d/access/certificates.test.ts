import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCertificates } from '../../../../scripts/providers/k3d/access/certificates.ts';
import { certificate } from '../../../doubles/certificates.ts';

const certificates = suite<{ folder: string }>('authorities for nodes', { folder: '' });
const now = new Date();

certificates.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-ca-'));
});
certificates.after.each(({ folder }) => rmSync(folder, { recursive: true }));

certificates('those of the settings are read, and may have ended', async ({ folder }) => {
  const path = join(folder, 'ca.pem');
  writeFileSync(path, certificate().cert.repeat(2));
  assert.equal(await checkCertificates(path, {}, now, []), {
    ...{ name: 'certificates', status: 'ok', detail: `nodes get the 2 in ${path}` },
  });
  const late = await checkCertificates(path, {}, new Date('2999-01-01'), []);
  assert.is(late.status, 'warn');
  assert.match(late.detail, /ended on/);
  writeFileSync(path, 'no certificate');
  assert.is((await checkCertificates(path, {}, now, [])).status, 'fail');
  writeFileSync(path, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  assert.match((await checkCertificates(path, {}, now, [])).detail, /certificate 1 in .* cannot be read/);
});

certificates('those that only this machine trusts are told, with how nodes get them', async ({ folder }) => {
  const none = await checkCertificates(undefined, { SSL_CERT_FILE: '' }, now, [folder, '/nowhere']);
  assert.is(none.status, 'ok');
  const named = await checkCertificates(undefined, { NODE_EXTRA_CA_CERTS: '/x.pem' }, now, [folder]);
  assert.is(named.status, 'warn');
  assert.match(named.detail, /NODE_EXTRA_CA_CERTS/);
  writeFileSync(join(folder, 'company.crt'), '');
  const found = await checkCertificates(undefined, {}, now, [folder]);
  assert.match(found.detail, new RegExp(folder));
  assert.match(found.hint ?? '', /k3d\.caCertificates/);
});

certificates.run();
