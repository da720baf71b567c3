import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { k3dCreate, k3dEnv, k3dRegistryCreate, k3dStart } from '../../../../scripts/providers/k3d/plan/commands.ts';

const commands = suite('k3d command lines');

commands('the least: k3d neither rolls back nor touches a kubeconfig', () => {
  assert.equal(k3dCreate('/bin/k3d', { name: 'dev' }), {
    file: '/bin/k3d',
    args: [
      ...['cluster', 'create', 'dev', '--no-rollback'],
      ...['--kubeconfig-update-default=false', '--kubeconfig-switch-context=false'],
    ],
  });
});

commands('everything', () => {
  const { args } = k3dCreate('k3d', {
    name: 'dev',
    configOnStdin: true,
    image: 'rancher/k3s:v1.34.2-k3s1',
    servers: 1,
    agents: 0,
    apiPort: '127.0.0.1:random',
    noLoadBalancer: true,
    network: 'net',
    subnet: '172.28.0.0/16',
    registryConfig: '/state/registries.yaml',
    registries: ['k3d-mine:5000'],
    env: [{ value: 'A=b@c', nodes: ['all'] }],
    volumes: [{ value: '/data:/data', nodes: ['server:0'] }],
    ports: [{ value: '8080:80', nodes: ['server:0:direct'] }],
    nodeLabels: [{ value: 'tier=db', nodes: ['agent:0'] }],
    runtimeLabels: [{ value: 'hoist.plan=0123', nodes: ['all'] }],
    k3sArgs: [{ arg: '--disable=traefik', nodes: ['server:*'] }],
  });
  assert.equal(args.slice(2), [
    ...['dev', '--config', '-', '--no-rollback'],
    ...['--kubeconfig-update-default=false', '--kubeconfig-switch-context=false'],
    ...['--image', 'rancher/k3s:v1.34.2-k3s1', '--servers', '1', '--agents', '0'],
    ...['--api-port', '127.0.0.1:random', '--no-lb', '--network', 'net', '--subnet', '172.28.0.0/16'],
    ...['--registry-config', '/state/registries.yaml', '--registry-use', 'k3d-mine:5000'],
    ...['--env', 'A=b\\@c@all', '--volume', '/data:/data@server:0', '--port', '8080:80@server:0:direct'],
    ...['--k3s-node-label', 'tier=db@agent:0', '--runtime-label', 'hoist.plan=0123@all'],
    ...['--k3s-arg', '--disable=traefik@server:*'],
  ]);
});

commands('never a flag that k3d 5 does not have, nor one that does nothing', () => {
  const { args } = k3dCreate('k3d', { name: 'dev', k3sArgs: [{ arg: '--debug', nodes: ['server:*'] }] });
  for (const gone of ['--k3s-server-arg', '--k3s-agent-arg', '--wait', '--memory', '--cpus', '--registry-create']) {
    assert.not(
      args.some((arg) => arg.startsWith(gone)),
      gone,
    );
  }
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
