import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CreateInputs,
  k3dCreate,
  k3dEnv,
  k3dRegistryCreate,
  k3dStart,
} from '../../../../scripts/providers/k3d/plan/k3d-commands.ts';
import type { K3dPlan } from '../../../../scripts/providers/k3d/plan/plan-k3d.ts';
import { parseNativeConfig } from '../../../../scripts/settings/k3d/native.ts';

const commands = suite('k3d command lines');

const least: K3dPlan = {
  name: 'dev',
  topology: { servers: 1, agents: 0, loadBalancer: false },
  nodes: ['k3d-dev-server-0'],
  image: 'rancher/k3s:v1.34.2-k3s1',
  apiPort: undefined,
  network: undefined,
  subnet: undefined,
  ports: [],
  volumes: [],
  k3sArgs: [],
  env: [],
  limits: { server: {}, agent: {} },
  additions: { env: [], files: [] },
  native: undefined,
  values: [],
  warnings: [],
};
const flagsOnly: CreateInputs = { configOnStdin: false, registryConfig: undefined, labels: {} };

commands('the least: k3d neither rolls back nor touches a kubeconfig', () => {
  assert.equal(k3dCreate('/bin/k3d', least, flagsOnly), {
    file: '/bin/k3d',
    args: [
      ...['cluster', 'create', 'dev', '--no-rollback'],
      ...['--kubeconfig-update-default=false', '--kubeconfig-switch-context=false'],
      ...['--image', 'rancher/k3s:v1.34.2-k3s1', '--servers', '1', '--agents', '0', '--no-lb'],
    ],
  });
});

commands('everything', () => {
  const plan: K3dPlan = {
    ...least,
    topology: { servers: 3, agents: 2, loadBalancer: true },
    apiPort: '127.0.0.1:random',
    network: 'net',
    subnet: '172.28.0.0/16',
    env: [{ value: 'A=b@c', nodes: ['all'] }],
    volumes: [{ value: '/data:/data', nodes: ['server:0'] }],
    ports: [{ value: '8080:80', nodes: ['server:0:direct'] }],
    k3sArgs: [{ arg: '--disable=traefik', nodes: ['server:*'], where: 'k3d.disable' }],
  };
  const labels = { 'hoist.plan': '0123' };
  const { args } = k3dCreate('k3d', plan, { configOnStdin: true, registryConfig: '/state/registries.yaml', labels });
  assert.equal(args.slice(2), [
    ...['dev', '--config', '-', '--no-rollback'],
    ...['--kubeconfig-update-default=false', '--kubeconfig-switch-context=false'],
    ...['--image', 'rancher/k3s:v1.34.2-k3s1', '--servers', '3', '--agents', '2'],
    ...['--api-port', '127.0.0.1:random', '--network', 'net', '--subnet', '172.28.0.0/16'],
    ...['--registry-config', '/state/registries.yaml'],
    ...['--env', 'A=b\\@c@all', '--volume', '/data:/data@server:0', '--port', '8080:80@server:0:direct'],
    ...['--runtime-label', 'hoist.plan=0123@all'],
    ...['--k3s-arg', '--disable=traefik@server:*'],
  ]);
});

commands('what the native config says is said by it alone', async () => {
  const text =
    'apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 1\nagents: 0\nimage: mine\nregistries: {config: "mirrors: {}"}\noptions: {k3d: {disableLoadbalancer: true}}\n';
  const plan = { ...least, native: await parseNativeConfig('k3d.yaml', text, {}) };
  const { args } = k3dCreate('k3d', plan, {
    ...flagsOnly,
    configOnStdin: true,
    registryConfig: '/state/registries.yaml',
  });
  assert.equal(args.slice(2), [
    ...['dev', '--config', '-', '--no-rollback'],
    ...['--kubeconfig-update-default=false', '--kubeconfig-switch-context=false'],
  ]);
});

commands('start and a pull-through registry', () => {
  assert.equal(k3dStart('k3d', 'dev', 60).args, ['cluster', 'start', 'dev', '--timeout', '60s']);
  const cache = {
    name: 'hoist-cache-ghcr-io',
    image: 'registry:2',
    remoteUrl: 'https://ghcr.io',
    volume: 'hoist-cache-ghcr-io:/var/lib/registry',
    port: '127.0.0.1:random',
  };
  assert.equal(k3dRegistryCreate('k3d', cache).args, [
    ...['registry', 'create', 'hoist-cache-ghcr-io', '--no-help', '--image', 'registry:2'],
    ...['--port', '127.0.0.1:random', '--proxy-remote-url', 'https://ghcr.io'],
    ...['--volume', 'hoist-cache-ghcr-io:/var/lib/registry'],
  ]);
});

commands('the environment: no colour, one engine, no K3D_* that k3d would take for its config', () => {
  const own = {
    PATH: '/bin',
    K3D_AGENTS: '7',
    K3D_IMAGE: 'evil',
    K3D_MEMORY_LIMIT_SERVER: '2G',
    K3D_IMAGE_TOOLS: 'mine/tools:1',
    K3D_FIX_DNS: '0',
    K3D_HELPER_IMAGE_TAG: '5.8.3',
  };
  assert.equal(k3dEnv(own, { DOCKER_HOST: 'ssh://me@there' }, '/state/kubeconfig'), {
    K3D_AGENTS: undefined,
    K3D_IMAGE: undefined,
    K3D_MEMORY_LIMIT_SERVER: undefined,
    DOCKER_HOST: 'ssh://me@there',
    LOG_COLORS: 'false',
    LOG_LEVEL: 'info',
    KUBECONFIG: '/state/kubeconfig',
  });
});

commands.run();
