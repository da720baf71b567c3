// What all collectors of databases share: the file that they write, TLS from a spec or a Secret, and no password in an error.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../failure.ts';
import {
  type Answer,
  type Target,
  database,
  driver,
} from '../../../../scripts/support/collectors/databases/database.ts';
import { connectionOptions, versionIn } from '../../../../scripts/support/collectors/databases/mssql.ts';
import { clusterDouble } from '../cluster-double.ts';
import { runCollector } from '../running.ts';

const databases = suite('support/collectors/databases/database');

const URI = 'x://ann:secret@host/db';

async function ran(
  spec: Record<string, unknown>,
  connect: (target: Target) => Promise<Answer> = () => Promise.resolve({ version: '1.2' }),
  secret?: object,
) {
  const targets: Target[] = [];
  const collector = database('x', (target) => {
    targets.push(target);
    return connect(target);
  });
  const { cluster, asked } = clusterDouble(secret === undefined ? {} : { 'GET .*/secrets/.*': secret });
  const { files, notes } = await runCollector(collector, { uri: URI, ...spec }, { cluster, suffix: '-2' });
  const [[path, text] = ['', '{}']] = Object.entries(files);
  return { path, result: JSON.parse(text) as object, notes, target: targets[0], asked: asked.map(({ what }) => what) };
}

databases('the version is written under the name of the collector, or of its kind', async () => {
  const { path, result, target } = await ran({ parameters: ['a', 1] });
  assert.equal([path, result], ['x/x-2.json', { isConnected: true, version: '1.2' }]);
  assert.equal([target?.uri, target?.tls, target?.connectMs, target?.parameters], [URI, undefined, 10_000, ['a', '1']]);
  assert.is((await ran({ collectorName: 'main' })).path, 'x/main-2.json');
  const claim = (spec: object) => database('x', () => Promise.reject(new Error())).claim({ spec } as never, '');
  assert.equal([claim({}), claim({ collectorName: 'main' })], ['x/x.json', 'x/main.json']);
  assert.match(await failureOf(ran({ uri: '' })), 'it needs a uri');
});

databases('what a driver says is the result, without the address', async () => {
  const failing = (error: Error) => ran({}, () => Promise.reject(error));
  const one = await failing(new Error(`cannot reach ${URI}, not ${URI}`));
  assert.equal(one.result, { isConnected: false, error: 'cannot reach the uri, not the uri' });
  assert.equal(one.notes, ['not connected: cannot reach the uri, not the uri']);
  const many = await failing(new AggregateError([new Error('first'), new Error('second')]));
  assert.equal(many.result, { isConnected: false, error: 'first, second' });
});

databases(
  'a driver that is not installed is a failure of the collector, any other error one of the database',
  async () => {
    const missing = (code: string) => () =>
      driver('pkg', () => Promise.reject(Object.assign(new Error('gone'), { code })));
    for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])
      assert.match(await failureOf(ran({}, missing(code))), 'the npm package "pkg" is not installed');
    assert.equal((await ran({}, missing('OTHER'))).result, { isConnected: false, error: 'gone' });
    assert.equal(await driver('pkg', () => Promise.resolve({ version: '1' })), { version: '1' });
  },
);

databases('TLS: of the spec, of a Secret in its namespace or the own one, or not checked at all', async () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const secret = { data: { cacert: base64('A'), clientCert: base64('C'), clientKey: base64('K') } };
  const cases: [tls: object, secret: object | undefined, found: object | undefined, asked: string[]][] = [
    [{}, undefined, undefined, []],
    [{ skipVerify: true }, undefined, { rejectUnauthorized: false }, []],
    [{ skipVerify: false, cacert: 'A' }, undefined, { ca: 'A' }, []],
    [{ cacert: 'A', clientCert: 'C', clientKey: 'K' }, undefined, { ca: 'A', cert: 'C', key: 'K' }, []],
    [{ clientCert: 'C' }, undefined, {}, []],
    [{ clientKey: 'K' }, undefined, {}, []],
    [
      { secret: { name: 's' }, cacert: 'not this' },
      secret,
      { ca: 'A', cert: 'C', key: 'K' },
      ['GET /api/v1/namespaces/default/secrets/s'],
    ],
    [
      { secret: { name: 's', namespace: 'n' } },
      { data: { cacert: base64('A') } },
      { ca: 'A' },
      ['GET /api/v1/namespaces/n/secrets/s'],
    ],
    [{ secret: { name: 's' } }, {}, {}, ['GET /api/v1/namespaces/default/secrets/s']],
  ];
  for (const [tls, holder, found, paths] of cases) {
    const { target, asked } = await ran({ tls }, undefined, holder);
    assert.equal(target?.tls, found, JSON.stringify(tls));
    assert.equal(asked, paths);
  }
  assert.match(JSON.stringify((await ran({ tls: { secret: { name: 's' } } })).result), 'was not found');
});

databases('mssql: the address as the driver takes it, encrypted but where it says otherwise', () => {
  const of = (uri: string, tls?: object) => connectionOptions({ uri, tls, connectMs: 5 });
  const { server, authentication, options } = of('sqlserver://s%40:p%2Fw@db.test?database=x');
  assert.equal([server, authentication.options], ['db.test', { userName: 's@', password: 'p/w' }]);
  assert.equal(options, {
    port: 1433,
    connectTimeout: 5,
    database: 'x',
    encrypt: true,
    trustServerCertificate: false,
  });
  assert.equal([of('sqlserver://db:1500').options.port, of('sqlserver://db:1500').options.database], [1500, undefined]);
  const encrypts = ['true', 'strict', 'disable', 'false'].map((one) => of(`sqlserver://db?encrypt=${one}`));
  assert.equal(
    encrypts.map((one) => one.options.encrypt),
    [true, true, false, false],
  );
  const trusts = [
    of('sqlserver://db?trustservercertificate=TRUE'),
    of('sqlserver://db?trustservercertificate=false'),
    of('sqlserver://db', { rejectUnauthorized: false }),
    of('sqlserver://db', { rejectUnauthorized: true }),
  ];
  assert.equal(
    trusts.map((one) => one.options.trustServerCertificate),
    [true, false, true, false],
  );
});

databases('mssql: the version in what the server says of itself', () => {
  assert.is(versionIn('Microsoft SQL Server 2022 (RTM-CU10) - 16.0.4095.4 (X64)'), '16.0.4095.4');
  assert.throws(() => versionIn('Postgres'), 'mssql version did not match regex: "Postgres"');
});

databases.run();
