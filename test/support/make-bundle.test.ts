// Whole bundles: the cases that users of support bundles have reported, each with its own words and values.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { analyze } from '../../scripts/support/analyzers/analyze.ts';
import { bundleRedactor } from '../../scripts/support/redaction.ts';
import { parseSpec } from '../../scripts/support/spec/parse.ts';
import type { BundleInputs } from '../../scripts/support/make-bundle.ts';
import { answer } from '../doubles/kube-server.ts';
import { type Made, bundleOf, bundleSpec, list, pod } from './world.ts';

const cases = suite<{ folder: string }>('whole bundles', { folder: '' });
cases.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'bundle-case-'));
});
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const redactors = (text: string): Pick<BundleInputs, 'redactor'> => ({
  redactor: bundleRedactor(parseSpec({ name: 'r.yaml', text }).documents[0]?.lists.redactors ?? [], {
    tokenize: false,
  }),
});

const checking: Pick<BundleInputs, 'analyze'> = {
  analyze: (analyzers, bundle, failures) => analyze(analyzers, bundle, { failures, nowMs: 0 }),
};

const results = ({ result }: Made): string[] =>
  result.results.map(({ outcome, message, title }) => `${outcome} ${title}: ${message}`);

cases(
  'two pods of one name run at once under names of their own; both outputs are there, and no pod is left',
  async () => {
    const pods = new Map<string, { text: string; ended: boolean }>();
    let most = 0;
    const { files, result, requests } = await bundleOf(
      bundleSpec(`  collectors:
    - runPod: {name: ping, namespace: a, podSpec: {containers: [{name: c, image: busybox, args: [ALPHA]}]}}
    - runPod: {name: ping, namespace: a, podSpec: {containers: [{name: c, image: busybox, args: [BETA]}]}}
`),
      {
        random: (() => {
          let n = 0;
          return () => (n += 0.01) % 1;
        })(),
        handle: ({ method, path, body }, response) => {
          const [, name, sub] = /^\/api\/v1\/namespaces\/a\/pods\/([^/]+)(\/log)?$/.exec(path) ?? [];
          if (method === 'POST' && path.endsWith('/a/pods')) {
            const made = JSON.parse(body) as { metadata: { name: string }; spec: { containers: { args: string[] }[] } };
            pods.set(made.metadata.name, { text: made.spec.containers[0]?.args[0] ?? '', ended: false });
            most = Math.max(most, pods.size);
            answer(response, 201, made);
          } else if (name !== undefined && method === 'DELETE') {
            pods.delete(name);
            answer(response, 200, {});
          } else if (name !== undefined && sub === '/log')
            response.writeHead(200).end(`${pods.get(name)?.text ?? ''}\n`);
          else if (name !== undefined) {
            // Both have been made before either of them ends.
            const phase = most === 2 ? 'Succeeded' : 'Running';
            answer(response, 200, pod('a', name, {}, { spec: { containers: [{ name: 'c' }] }, status: { phase } }));
          } else return false;
          return true;
        },
      },
    );
    assert.equal(result.failures, []);
    assert.is(files.get('ping/ping.log'), 'ALPHA\n');
    assert.is(files.get('ping/ping-2.log'), 'BETA\n');
    assert.is(most, 2);
    assert.is(pods.size, 0);
    assert.is(new Set(requests.filter((one) => one.startsWith('DELETE'))).size, 2);
  },
);

cases(
  "a password in this process' environment is in no file of a bundle, and the host's name can be read",
  async () => {
    const env = { PROXY_URL: 'http://ann:Tr0ub4dor@proxy:8080', PATH: process.env['PATH'] };
    const spec = bundleSpec('  hostCollectors: [{run: {collectorName: r, command: "true"}}]\n');
    const { files } = await bundleOf(spec, { host: { exec, env, root: '/' }, ...redactors('') });
    const info = files.get('host-collectors/run-host/r-info.json') ?? '';
    assert.not.ok([...files.values()].some((text) => text?.includes('Tr0ub4dor') === true));
    assert.match(info, /PROXY_URL=http:.*@proxy:8080/);
  },
);

cases('yamlPath in JSON: only that value is hidden, the file stays JSON with its order', async () => {
  const object = { kind: 'W', spec: { zone: 'a', token: 'tok-1234567', note: 'n' }, apiVersion: 'x/v1' };
  const text = JSON.stringify(object, null, 2);
  const { files } = await bundleOf(
    bundleSpec(`  collectors: [{data: {name: d, collectorName: w.json, data: ${JSON.stringify(text)}}}]\n`),
    {
      ...redactors(
        'apiVersion: troubleshoot.sh/v1beta2\nkind: Redactor\nmetadata: {name: r}\nspec: {redactors: [{name: t, removals: {yamlPath: [spec.token]}}]}\n',
      ),
    },
  );
  assert.is(files.get('d/w.json'), text.replace('tok-1234567', '***HIDDEN***'));
});

cases('bytes that are no text stay what they are; so do empty lines and the ends of lines', async ({ folder }) => {
  const binary = Buffer.from(Array.from({ length: 40 }, (_, i) => (i * 37 + 128) % 256));
  const text = 'first\r\n\n\n\nlast password=hunter22\r\nno end';
  writeFileSync(join(folder, 'a.bin'), binary);
  writeFileSync(join(folder, 'b.txt'), text);
  let kept: Buffer | undefined;
  const { files } = await bundleOf(
    bundleSpec(`  hostCollectors: [{copy: {collectorName: c, path: "${folder}/*"}}]\n`),
    {
      ...redactors(''),
      analyze: async (_analyzers, bundle) => {
        kept = await bundle.read('host-collectors/c/a.bin');
        return [];
      },
    },
  );
  assert.equal(kept, binary);
  assert.is(files.get('host-collectors/c/b.txt'), text.replace('hunter22', '***HIDDEN***'));
});

cases(
  'an operating system that no outcome names, a port that nobody looked at: results that are no passes, with reasons',
  async () => {
    const made = await bundleOf(
      bundleSpec(`  hostCollectors: [{hostOS: {}}]
  hostAnalyzers:
    - hostOS: {outcomes: [{pass: {when: "plan9 >= 4", message: good}}]}
    - tcpPortStatus: {collectorName: nobody, outcomes: [{pass: {when: connected, message: good}}]}
`),
      checking,
    );
    const [os = '', port = ''] = results(made);
    assert.match(os, /^warn .*None of the check's 1 outcomes matched: found /);
    assert.match(port, /^fail .*nobody\.json was not collected: no collector "tcpPortStatus" wrote it/);
  },
);

cases('keys in JSON and in JSON within JSON are hidden, and the line stays JSON', async () => {
  const line = JSON.stringify({ at: 1, apiKey: 'k-77QxxZ01', body: JSON.stringify({ apiKey: 'k-77QxxZ01', n: 2 }) });
  const { files } = await bundleOf(
    bundleSpec(`  collectors: [{data: {name: d, collectorName: app.log, data: ${JSON.stringify(line)}}}]\n`),
    redactors(''),
  );
  const kept = files.get('d/app.log') ?? '';
  assert.not.match(kept, 'k-77Q');
  const parsed = JSON.parse(kept) as { at: number; body: string };
  assert.is(parsed.at, 1);
  assert.is((JSON.parse(parsed.body) as { n: number }).n, 2);
});

cases('a Redactor whose expression cannot be used ends it before anything is collected', () => {
  const bad = `apiVersion: troubleshoot.sh/v1beta2
kind: Redactor
metadata: {name: r}
spec: {redactors: [{name: t, removals: {regex: [{redactor: "(unclosed"}]}}]}
`;
  assert.throws(() => redactors(bad), /r\.yaml:4:\d+/);
});

cases('a line of 12 MiB is redacted like any other', async ({ folder }) => {
  const file = join(folder, 'long.log');
  writeFileSync(file, `${'x'.repeat(12 << 20)} password=hunter22 end\n`);
  const { result } = await bundleOf(bundleSpec(`  hostCollectors: [{copy: {collectorName: c, path: "${file}"}}]\n`), {
    ...redactors(''),
    analyze: async (_analyzers, bundle) => {
      const kept = (await bundle.read('host-collectors/c/long.log'))?.toString('latin1') ?? '';
      assert.ok(kept.length > 12 << 20 && kept.endsWith('password=***HIDDEN*** end\n'), kept.slice(-60));
      return [];
    },
  });
  assert.equal(result.leftOut, []);
});

cases('what a preflight collects of the cluster is redacted too', async () => {
  const secret = 'Tr0ub4dor-of-a-map';
  const { files } = await bundleOf(bundleSpec('  collectors: [{clusterResources: {}}]\n'), {
    ...redactors(''),
    handle: ({ path }, response) => {
      if (path !== '/api/v1/configmaps') return false;
      answer(response, 200, list([{ metadata: { name: 'm', namespace: 'one' }, data: { password: secret } }]));
      return true;
    },
  });
  const kept = files.get('cluster-resources/configmaps/one.json') ?? '';
  assert.match(kept, '***HIDDEN***');
  assert.not.ok([...files.values()].some((text) => text?.includes(secret) === true));
});

cases('checks of the second container, of warnings with a condition, and of http below its name', async () => {
  const waiting = (name: string, reason: string): object => ({
    name,
    restartCount: 0,
    ready: false,
    state: { waiting: { reason } },
  });
  const status = {
    phase: 'Pending',
    containerStatuses: [waiting('a', 'ContainerCreating'), waiting('b', 'CrashLoopBackOff')],
  };
  const made = await bundleOf(
    bundleSpec(`  collectors:
    - data: {name: web, collectorName: result.json, data: '{"response":{"status":503}}'}
  analyzers:
    - clusterContainerStatuses: {outcomes: [{fail: {when: "== CrashLoopBackOff", message: "{{ .ContainerName }} crashes"}}]}
    - clusterResource: {kind: Namespace, clusterScoped: true, name: one, yamlPath: metadata.name, expectedValue: one, outcomes: [{warn: {when: "true", message: seen}}, {pass: {message: other}}]}
    - http: {collectorName: web/result, outcomes: [{fail: {when: "statusCode == 503", message: down}}, {pass: {message: up}}]}
`),
    {
      ...checking,
      handle: ({ path }, response) => {
        if (!/^\/api\/v1(\/namespaces\/one)?\/pods$/.test(path)) return false;
        answer(
          response,
          200,
          list([pod('one', 'p', {}, { status, spec: { containers: [{ name: 'a' }, { name: 'b' }] } })]),
        );
        return true;
      },
    },
  );
  const all = results(made);
  assert.match(all[0] ?? '', /^fail .*b crashes/);
  assert.match(all[1] ?? '', /^warn .*seen/);
  assert.match(all[2] ?? '', /^fail .*down/);
});

cases('a second collector of a kind with one fixed path gets a file of its own', async () => {
  const source = (name: string): string => `{secrets: [{name: ${name}, namespaces: [one]}]}`;
  const { files, result } = await bundleOf(
    bundleSpec(`  collectors: [{certificates: ${source('a')}}, {certificates: ${source('b')}}]\n`),
  );
  assert.ok(files.has('certificates/certificates.json'));
  assert.ok(files.has('certificates/certificates-2.json'));
  assert.equal(result.failures, []);
});

cases('a collector whose name has slashes and dots fails without costing the others anything', async () => {
  const { files } = await bundleOf(
    bundleSpec(
      '  collectors: [{exec: {name: "../../x", collectorName: "app=a/b", selector: [a=b], command: [x]}}, {data: {name: d, collectorName: f, data: ok}}]\n',
    ),
    {
      handle: ({ path }, response) => {
        if (!path.endsWith('/pods')) return false;
        answer(response, 500, {});
        return true;
      },
    },
  );
  assert.is(files.get('d/f'), 'ok');
  assert.ok([...files.keys()].some((path) => path.startsWith('collector-errors/') && path.endsWith('-error.json')));
  assert.not.ok([...files.keys()].some((path) => path.includes('..')));
});

cases('whatever an API server answers, there is a bundle, and no path leads out of it', async () => {
  const odd: unknown[] = [
    null,
    [],
    'text',
    {},
    { items: null },
    { items: 'x' },
    { items: [null, 1, 'x', {}] },
    { items: [{ metadata: null }, { metadata: { name: 5, namespace: {} } }] },
    { items: [{ metadata: { name: 'a', namespace: 'one' }, spec: null, status: 7 }] },
    { items: [{ metadata: { name: '../../../etc/x', namespace: 'one/../..' }, spec: { containers: 'x' } }] },
    { groups: [{ name: null, versions: 'x' }], resources: [{ name: 'pods', verbs: null }], versions: 5 },
  ];
  const spec = bundleSpec(
    '  collectors: [{clusterResources: {}}, {logs: {name: l, namespace: one}}, {secret: {name: s, namespace: one}}, {helm: {}}, {nodeMetrics: {}}, {customMetrics: {metricRequests: [{resourceMetricName: pods/x}]}}, {data: {name: d, collectorName: f, data: ok}}]\n',
  );
  for (const value of odd) {
    const { files } = await bundleOf(spec, {
      handle: ({ path, method }, response) => {
        if (path === '/version' || path.includes('reviews') || method !== 'GET') return false;
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
        return true;
      },
    });
    const said = JSON.stringify(value);
    assert.is(files.get('d/f'), 'ok', said);
    assert.ok(files.has('execution-data/collect.json'), said);
    assert.not.ok(
      [...files.keys()].some((path) => path.includes('..') || path.startsWith('/')),
      said,
    );
  }
});

cases('what was never to be collected is listed as skipped, and is no error of a collector', async () => {
  const { files } = await bundleOf(
    bundleSpec('  collectors: [{ceph: {}}, {data: {name: x, data: y, exclude: true}}, {data: {name: z, data: y}}]\n'),
  );
  assert.equal(
    [...files.keys()].filter((path) => /errors?[./]/.test(path)),
    [],
  );
  assert.match(files.get('skipped-collectors.json') ?? '', 'ceph');
});

cases('the archive is one that tar reads, with one folder', async ({ folder }) => {
  const { result } = await bundleOf(bundleSpec('  hostCollectors: [{cpu: {}}]\n'), {
    file: join(folder, 'own.tar.gz'),
  }).catch((error: unknown) => ({ result: error as Made['result'] }));
  const names = execFileSync('tar', ['tzf', join(folder, 'own.tar.gz')], { encoding: 'utf8' });
  assert.ok(
    names.split('\n').every((name) => name === '' || name.startsWith('own/')),
    JSON.stringify(result.failures),
  );
});

cases('data stands where its name says, with the name of the collector below it where there is one', async () => {
  const { files } = await bundleOf(
    bundleSpec(
      '  collectors:\n    - data: {name: j.json, data: one}\n    - data: {name: n, collectorName: f, data: two}\n    - data: {collectorName: alone, data: three}\n',
    ),
  );
  assert.equal([files.get('j.json'), files.get('n/f'), files.get('alone')], ['one', 'two', 'three']);
});

cases('an archive that cannot be written is refused before anything is collected', async ({ folder }) => {
  const asked: string[] = [];
  const made = bundleOf(bundleSpec('  collectors: [{clusterInfo: {}}]\n'), {
    file: folder,
    handle: ({ path }) => asked.push(path) < 0,
  });
  assert.match(
    await made.then(
      () => 'made',
      (error: unknown) => (error as Error).message,
    ),
    'is there, and is no file',
  );
  assert.equal(asked, []);
});

cases(
  'names that a server gives become no path: versions, groups and definitions that are none are passed over',
  async () => {
    const asked: string[] = [];
    const definitions = [
      { metadata: { name: 'a' }, spec: null },
      {
        metadata: { name: 'b' },
        spec: { group: '../x', names: { plural: 'y' }, versions: [{ name: 'v1', served: true }] },
      },
    ];
    const { result } = await bundleOf(bundleSpec('  collectors: [{clusterResources: {}}]\n'), {
      handle: ({ path }, response) => {
        asked.push(path);
        if (path === '/apis')
          answer(response, 200, { groups: [{ name: '../x', versions: [{ groupVersion: '../x/v1', version: 'v1' }] }] });
        else if (path.endsWith('/customresourcedefinitions')) answer(response, 200, list(definitions));
        else return false;
        return true;
      },
    });
    assert.equal(
      asked.filter((path) => path.includes('..')),
      [],
    );
    const said = result.reports.flatMap(({ problems }) => problems).join('\n');
    assert.match(said, '2 custom resource definitions are none');
    assert.not.match(said, 'destructure');
  },
);

cases('host collectors in pods run on the nodes that a RemoteCollector chooses', async () => {
  const made: { spec: { template: { spec: { nodeSelector?: object } } } }[] = [];
  const remote = (selector: string): string =>
    `---\napiVersion: troubleshoot.sh/v1beta2\nkind: RemoteCollector\nmetadata: {name: r}\nspec: {nodeSelector: ${selector}, collectors: [{cpu: {}}]}\n`;
  const collect = (selectors: readonly string[]): Promise<Made> =>
    bundleOf(bundleSpec('  collectors: [{clusterInfo: {}}]\n') + selectors.map(remote).join(''), {
      handle: ({ method, path, body }, response) => {
        if (!path.includes('/daemonsets')) return false;
        if (method === 'POST') made.push(JSON.parse(body) as (typeof made)[number]);
        answer(response, 200, { metadata: {}, status: { observedGeneration: 1, desiredNumberScheduled: 0 } });
        return true;
      },
    });
  await collect(['{disk: ssd}']);
  // Of different nodes: on all, and each collector where it is to.
  await collect(['{disk: ssd}', '{disk: hdd}']);
  assert.equal(
    made.map(({ spec }) => spec.template.spec.nodeSelector),
    [{ disk: 'ssd' }, undefined],
  );
});

cases.run();
