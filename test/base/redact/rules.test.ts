// What the redactor hides without being told a value, and what it leaves as it is.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRedactor, HIDDEN } from '../../../scripts/base/redact/redactor.ts';

const rules = suite('base: rules of the redactor');

/** As a file has it; H stands for what is hidden. */
const file = (text: string): string =>
  createRedactor().buffer('a.txt', Buffer.from(text)).toString().replaceAll(HIDDEN, 'H');
const message = (text: string): string => createRedactor().text(text).replaceAll(HIDDEN, 'H');

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\nabc+/def==\n-----END RSA PRIVATE KEY-----';
const LINE = 'MIIEpAIBAAKCAQEA7bqMIIEpAIBAAKCAQEA7bqMIIEpAIBAAKCAQEA7bq/+12345';
/** What is left of a key whose first lines were cut off. */
const KEY_REST = `${LINE}\nabc+/def==\n-----END RSA PRIVATE KEY-----`;
/** As base64(1) breaks it. */
const wrapped = (text: string): string => b64(text).replace(/.{76}(?!$)/g, '$&\n');
const b64 = (text: string): string => Buffer.from(text).toString('base64');

const hidden: readonly [what: string, text: string, expected: string][] = [
  ['AWS access key', 'id AKIAIOSFODNN7EXAMPLE used', 'id H used'],
  [
    'AWS secret key, INI',
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'aws_secret_access_key = H',
  ],
  ['AWS secret key, JSON', '{"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG"}', '{"SecretAccessKey":"H"}'],
  ['AWS key id', '{"accessKeyId": "minioadmin"}', '{"accessKeyId": "H"}'],
  ['JSON', '{"password":"a\\"b\\\\","x":1}', '{"password":"H","x":1}'],
  ['JSON with blanks', '{"apiKey" : "k-77Q",\n "a": 1}', '{"apiKey" : "H",\n "a": 1}'],
  ['JSON in JSON', '"{\\"apiKey\\":\\"k-77Q\\",\\"n\\":2}"', '"{\\"apiKey\\":\\"H\\",\\"n\\":2}"'],
  ['JSON twice in JSON', '"\\"{\\\\\\"pwd\\\\\\":\\\\\\"k7\\\\\\"}\\""', '"\\"{\\\\\\"pwd\\\\\\":\\\\\\"H\\\\\\"}\\""'],
  ['JSON number of a password', '{"password": 12345678}', '{"password": "H"}'],
  ['JSON list', '{"tokens":["aa bb","cc"],"n":3}', '{"tokens":["H","H"],"n":3}'],
  ['JSON carrier', '{"password": {"kind": "x", "value": "hunter2"}}', '{"password": {"kind": "x", "value": "H"}}'],
  ['pair', '{"name":"DB_PASSWORD","value":"hunter2"}', '{"name":"DB_PASSWORD","value":"H"}'],
  [
    'pair over lines',
    '  {\n    "name": "API_TOKEN_X",\n    "value": "hunter2"\n  }',
    '  {\n    "name": "API_TOKEN_X",\n    "value": "H"\n  }',
  ],
  ['pair, value first', '{"value": "hunter2", "name": "DB_PASSWORD"}', '{"value": "H", "name": "DB_PASSWORD"}'],
  [
    'pair, escaped',
    '\\"name\\":\\"AWS_SECRET_ACCESS_KEY\\",\\"value\\":\\"wJal\\"',
    '\\"name\\":\\"AWS_SECRET_ACCESS_KEY\\",\\"value\\":\\"H\\"',
  ],
  ['pair, user', '"name": "DB_USER", "value": "ann"', '"name": "DB_USER", "value": "H"'],
  ['pair, database', '"name": "DATABASE_URL",\n"value": "db.internal/x"', '"name": "DATABASE_URL",\n"value": "H"'],
  [
    'pair, YAML',
    '- name: DB_PASSWORD\n  value: hunter two # old\n- name: A\n  value: b',
    '- name: DB_PASSWORD\n  value: H # old\n- name: A\n  value: b',
  ],
  [
    'pair, YAML block',
    '- name: TOKEN\n  value: |-\n    line one\n    line two\n- name: A',
    '- name: TOKEN\n  value: |-\n    H\n- name: A',
  ],
  ['YAML', 'password: my secret value\nuser: ann', 'password: H\nuser: ann'],
  ['YAML, quoted', "token: 'it''s'\nb: 1", "token: 'H'\nb: 1"],
  ['YAML, deep', '  db:\n    dbPassword: "x y"\n', '  db:\n    dbPassword: "H"\n'],
  ['YAML, flow', 'db: {user: ann, password: a b, port: 1}', 'db: {user: ann, password: H, port: 1}'],
  ['YAML, block', 'password: |\n  line1\n  line2\n\nnext: 1', 'password: |\n  H\n\nnext: 1'],
  ['YAML, carrier', 'password:\n  value: hunter2\n  x: 1', 'password:\n  value: H\n  x: 1'],
  ['YAML, list', 'tokens:\n  - abc\n  - "def"\nx: 1', 'tokens:\n  - H\n  - "H"\nx: 1'],
  ['log', 'login user=ann password=hunter2 ok', 'login user=ann password=H ok'],
  ['log, comma', 'a=b,password=hunter2,c=d', 'a=b,password=H,c=d'],
  ['log, wordpress', "wordpressPassword: 'x'", "wordpressPassword: 'H'"],
  ['env', 'SECRET_FOO=abc def', 'SECRET_FOO=H def'],
  ['flag', 'psql --password hunter2 --host db', 'psql --password H --host db'],
  ['flag in JSON', '["psql", "--password", "hunter2"]', '["psql", "--password", "H"]'],
  ['flag with =', '["--token=hunter2","x"]', '["--token=H","x"]'],
  ['curl', 'curl -u ann:hunter2 https://x', 'curl -u ann:H https://x'],
  ['bearer', 'sent Bearer abcdefgh.123 to it', 'sent Bearer H to it'],
  ['header', 'Authorization: Basic YW5uOmh1bnRlcjI=', 'Authorization: Basic H'],
  ['header in JSON', '{"Authorization":["Bearer abc"]}', '{"Authorization":["Bearer H"]}'],
  ['cookie', 'Set-Cookie: sid=abc; Path=/\nX: y', 'Set-Cookie: H\nX: y'],
  ['basic', 'using basic YW5uOmh1bnRlcjI= now', 'using basic H now'],
  ['JWT', `got ${JWT}.`, 'got H.'],
  ['GitHub', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789 and github_pat_11ABCDEFG0abcdefghijkl_x', 'H and H'],
  ['GitLab, Slack, npm', `glpat-abcdefghij0123456789 xoxb-123456789012-abc npm_${'a1'.repeat(18)}`, 'H H H'],
  ['PEM', `before\n${KEY}\nafter`, 'before\nH\nafter'],
  ['PEM in JSON', JSON.stringify({ a: KEY, b: 1 }), '{"a":"H","b":1}'],
  [
    'PEM in a block',
    `tls.crt: x\ndata: |\n  ${KEY.replaceAll('\n', '\n  ')}\nnext: 1`,
    'tls.crt: x\ndata: |\n  H\nnext: 1',
  ],
  ['PEM without end', `x ${KEY.slice(0, 50)}`, 'x H'],
  ['PEM without beginning', `a 1\n${KEY_REST}\nafter`, 'a 1\nH\nH\nH\nafter'],
  [
    'PEM without beginning, in a log',
    `a b\n1 F ${KEY_REST.replaceAll('\n', '\n2 F ')}\nx`,
    'a b\n1 F H\n2 F H\n2 F H\nx',
  ],
  ['PEM without beginning, in JSON', JSON.stringify(`x\n${KEY_REST}\n`), '"x\\nH\\nH\\nH\\n"'],
  ['PEM without beginning, CRLF', `x\r\n${KEY_REST.replaceAll('\n', '\r\n')}\r\n`, 'x\r\nH\r\nH\r\nH\r\n'],
  ['PuTTY', `Private-Lines: 2\n${LINE}\nabc=\nPrivate-MAC: 00`, 'Private-Lines: 2\nH\nPrivate-MAC: 00'],
  ['base64 of PEM, in lines', `x\n${wrapped(`${KEY}\n${LINE}`)}\ny`, 'x\nH\ny'],
  ['base64 of JSON, in lines', wrapped(`{"log": "${'a '.repeat(30)}", "password": "hunter2"}`), 'H'],
  ['XML', '<user>ann</user><password>hunter2&lt;</password>', '<user>ann</user><password>H</password>'],
  ['YAML, on the next line', 'PASSWORD:\n  hunter2AG\nnext: 1', 'PASSWORD:\n  H\nnext: 1'],
  ['.netrc', 'machine h login ann password hunter2 account x', 'machine h login ann password H account x'],
  ['.netrc, in lines', 'machine h\n  login ann\n  password hunter2\n', 'machine h\n  login ann\n  password H\n'],
  ['digest', 'Authorization: Digest username="a", response="0f0"\nx', 'Authorization: Digest H\nx'],
  ['Hugging Face', `hf_${'aB3'.repeat(11)} x`, 'H x'],
  [
    'Secret, flow of YAML',
    'kind: Secret\nstringData: {y: hunter2, "z": "a b"}\n',
    'kind: Secret\nstringData: {y: H, "z": "H"}\n',
  ],
  ['Secret, map of Go', '{StringData:map[x:hunter2 y:z]}', '{StringData:map[H]}'],
  ['URL', 'PROXY_URL=http://ann:Tr0ub4dor@proxy:8080/x', 'PROXY_URL=http://H:H@proxy:8080/x'],
  ['URL with @ and / in it', 'amqp://u:p/a@ss@rabbit:5672/v', 'amqp://H:H@rabbit:5672/v'],
  ['URL, database', '"postgres://u:p%40s@db:5432/x?sslmode=disable"', '"postgres://H:H@db:5432/x?sslmode=disable"'],
  ['URL, token', 'https://x1y2z3a4b5c6d7e8f9@github.com/a', 'https://H@github.com/a'],
  ['DSN of Go', 'dsn ann:hunter2@tcp(db:3306)/x', 'dsn H:H@tcp(db:3306)/x'],
  ['ADO', 'Server=db;Database=x;Uid=u;Pwd=a b,c;', 'Server=db;Database=x;Uid=u;Pwd=H;'],
  ['Azure', 'DefaultEndpointsProtocol=https;AccountKey=ab/c+d==;', 'DefaultEndpointsProtocol=https;AccountKey=H;'],
  ['query', '/x?access_token=abc123&y=1', '/x?access_token=H&y=1'],
  ['query, encoded JSON', 'q=%7B%22password%22%3A%22hunter2%22%7D', 'q=%7B%22password%22%3A%22H%22%7D'],
  ['presigned', '?X-Amz-Signature=0a1b2c&X-Amz-Date=1', '?X-Amz-Signature=H&X-Amz-Date=1'],
  ['docker', '{"auths":{"r.io":{"auth":"YW5uOmh1bnRlcjI="}}}', '{"auths":{"r.io":{"auth":"H"}}}'],
  ['Ceph', '"entity": "osd.0",\n"key": "AQCxx1ZhAAAAABAAaHVudGVyMmh1bnRlcjJodW=="', '"entity": "osd.0",\n"key": "H"'],
  ['base64 of JSON', `x: ${b64('{"password":"hunter2"}')}`, 'x: H'],
  ['base64 of PEM', b64(KEY), 'H'],
  ['base64 of a URL', `"${b64('postgres://ann:hunter2@db/x')}"`, '"H"'],
  ['base64 twice', b64(b64('{"password":"hunter2","a":1}')), 'H'],
  [
    'Secret, JSON',
    '{"kind":"Secret","metadata":{"name":"a"},"data":{"x":"aHVudGVyMg==","y":""}}',
    '{"kind":"Secret","metadata":{"name":"a"},"data":{"x":"H","y":""}}',
  ],
  ['Secret, kind behind', '{"data":{"x":"aHVudGVyMg=="},"kind":"Secret"}', '{"data":{"x":"H"},"kind":"Secret"}'],
  ['Secret, by type', '{"data":{"x":"aHVudGVyMg=="},"type":"Opaque"}', '{"data":{"x":"H"},"type":"Opaque"}'],
  [
    'Secret, last applied',
    '"{\\"data\\":{\\"x\\":\\"aHVudGVyMg==\\"},\\"kind\\":\\"Secret\\"}"',
    '"{\\"data\\":{\\"x\\":\\"H\\"},\\"kind\\":\\"Secret\\"}"',
  ],
  [
    'Secret, YAML',
    'kind: Secret\ndata:\n  x: aHVudGVyMg==\n  y: |\n    abc\n    def\nz: 1',
    'kind: Secret\ndata:\n  x: H\n  y: |\n    H\nz: 1',
  ],
  ['Secret, YAML strings', 'stringData:\n  user: ann\nkind: Secret\n', 'stringData:\n  user: H\nkind: Secret\n'],
  ['kubeconfig', '    client-key-data: LS0tLS1C\n    token: abc', '    client-key-data: H\n    token: H'],
  ['variable of a language', '$password = "hunter2"; x=${DB_PASSWORD:-hunter2}', '$password = "H"; x=${DB_PASSWORD:H}'],
  ['CRLF', 'password: a b\r\nx: 1\r\n', 'password: H\r\nx: 1\r\n'],
];

for (const [what, text, expected] of hidden) rules(`hidden: ${what}`, () => assert.is(file(text), expected));

const kept: readonly string[] = [
  'location=us-east-1;zone=a',
  'location = "x"\nserver=db;port=1',
  'replicas: 3\nversion: v1.2.3\npassword: ""',
  '{"automountServiceAccountToken": true, "tokenTTL": "24h", "maxTokens": 4096}',
  '{"secretName": "regcred", "imagePullSecrets": [{"name": "regcred"}]}',
  '{"secretKeyRef": {"name": "db", "key": "password"}}',
  '{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}',
  '{"name": "TOKEN_FILE", "value": "/var/run/token"}',
  '{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}',
  '--use-service-account-credentials=false --authorization-mode=Node,RBAC',
  '--tls-private-key-file=/etc/kubernetes/pki/apiserver.key',
  'http://host:8080/path?mail=a@b.c see https://example.com/@user',
  'image: registry:5000/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'basic authentication failed; bearer authentication required',
  'password: ${DB_PASSWORD}\ntoken: {{ .Values.token }}\nsecret: <redacted>',
  '{"kind":"ConfigMap","data":{"mode":"fast","x":"aHVudGVyMg=="}}',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  '2024-05-01T10:00:00Z I0501 controller.go:42] "Reconciled" object="default/token-controller" duration="3ms"',
  'unexpected token: < in JSON',
  '/api/v1/namespaces/default/pods/web-5d8f7c9b4-x2x9z/log?container=app',
  'uid: 0a1b2c3d-0000-1111-2222-333344445555\nPWD=/root\nkey: node-role.kubernetes.io/master',
  'docker run -v "$PWD:/src" x; you are a smart cookie :)\ndate -u +%Y-%m-%dT%H:%M:%SZ',
  'token: ${{ secrets.TOKEN }}\npassword: <my-pass>',
  '      --token string       Bearer token for authentication\n      --client-key string  Path to a file',
  'bypass: x\ncompass=north\nauthor: Ann',
  '{"pass": {"when": "true", "message": "fine"}}',
  'a\n\n\nb  \r\n\ttabs ünïcödé 🙂 \u0001',
];

for (const text of kept) rules(`kept: ${text.slice(0, 60).replaceAll('\n', '↵')}`, () => assert.is(file(text), text));

rules('messages: sentences about secrets stay', () => {
  for (const text of [
    'missing secret: DB_PASSWORD',
    '6 secrets: unchanged',
    'secrets: created',
    'secret: created',
    'token: invalid',
    'Secret default/regcred: created',
    'pull https://registry.example/x failed',
  ]) {
    assert.is(message(text), text);
  }
  assert.is(message('pull https://me:pw@host/x failed'), 'pull https://H:H@host/x failed');
  assert.is(message('password: pw'), 'password: H');
  assert.is(message('tökén=abc password=geheim ü'), 'tökén=abc password=H ü');
});

rules.run();
