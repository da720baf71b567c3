// The settings that env variables and flags can give, as a light table: `--help` needs no more than this.

export interface Option {
  /** Dotted path in the settings. */
  key: string;
  env: string;
  /** Without the leading dashes. */
  flag: string;
  kind: 'text' | 'number' | 'boolean' | 'list' | 'paths';
  /** What stands for the value in the help, like `NAME`. */
  metavar: string;
  help: string;
}

/** In the order in which the help lists them. A flag beats its env variable, which beats the file. */
export const settingOptions: readonly Option[] = [
  text(['provider', 'PROVIDER', 'provider'], 'auto|k3d|embedded|existing', 'what makes the cluster'),
  text(['name', 'CLUSTER_NAME', 'name'], 'NAME', 'the cluster to make, reuse or remove'),
  text(['context', 'CONTEXT', 'context'], 'NAME', 'kubeconfig context of an existing cluster'),
  number(['agents', 'AGENTS', 'agents'], 'N', 'agent nodes beside the server'),
  text(['sizing', 'SIZING', 'sizing'], 'reserved|original', 'policy that finds the number of agents'),
  number(['concurrency', 'CONCURRENCY_LEVEL', 'concurrency'], 'N', 'steps that work in parallel on this machine'),
  list(['namespaces', 'NAMESPACES', 'namespaces'], 'A,B', 'namespaces to make'),
  {
    ...list(['manifests', 'MANIFESTS', 'manifests'], 'PATH,PATH', 'files and folders to apply'),
    kind: 'paths',
  },
  text(
    ['onConflict', 'HOIST_ON_CONFLICT', 'on-conflict'],
    'decide|take|leave|fail',
    'fields that others have changed: set back what people changed and leave the rest, or one of these for all',
  ),
  text(['steps', 'STEPS_DIR', 'steps'], 'DIR', 'folder of your own steps'),
  text(
    ['helm.stuck', 'STUCK_RELEASES', 'stuck'],
    'fail|rollback|continue',
    'what to do with a release that an earlier helm left in a pending state',
  ),
  boolean(['tuning', 'TUNING', 'tuning'], 'tuned arguments for the control plane'),
  text(['timeout', 'UP_TIMEOUT', 'timeout'], '10m', 'longest time of the whole run'),
  text(['healthTimeout', 'HEALTH_TIMEOUT', 'health-timeout'], '2m', 'longest wait for nodes and workloads'),
  text(['logDir', 'DEPLOY_LOG_DIR', 'log-dir'], 'DIR', 'where the benchmark log goes'),
  text(['kubeconfig', 'KUBECONFIG', 'kubeconfig'], 'FILE', 'kubeconfig that gets the context'),
  boolean(['mergeKubeconfig', 'MERGE_KUBECONFIG', 'merge-kubeconfig'], "add the context to the user's kubeconfig"),
  boolean(['switchContext', 'SWITCH_CONTEXT', 'switch-context'], 'make the context the current one'),
  boolean(['embedded.seed', 'HOIST_SEED', 'seed'], 'start embedded clusters with the objects that each of them has'),
  text(['k3d.image', 'K3S_IMAGE', 'k3s-image'], 'IMAGE', 'node image for k3d'),
  text(
    ['k3d.config', 'K3D_CONFIG', 'k3d-config'],
    'FILE',
    "config in k3d's own format; only what it leaves open is tuned",
  ),
  boolean(['k3d.caches', 'K3D_CACHES', 'k3d-caches'], 'pull-through registry caches for k3d nodes'),
  boolean(
    ['k3d.loadImages', 'K3D_LOAD_IMAGES', 'k3d-load-images'],
    "pull the services' images while the cluster is made",
  ),
  boolean(
    ['k3d.resourceOptimization', 'K3D_RESOURCE_OPTIMIZATION', 'resource-optimization'],
    'limits and tuning of k3d nodes',
  ),
  text(
    ['k3d.memoryLimitServer', 'K3D_MEMORY_LIMIT_SERVER', 'memory-limit-server'],
    '1.5G',
    'memory of a k3d server node',
  ),
  text(
    ['k3d.memoryLimitAgent', 'K3D_MEMORY_LIMIT_AGENT', 'memory-limit-agent'],
    '1536Mi',
    'memory of a k3d agent node',
  ),
  number(['k3d.cpuLimitServer', 'K3D_CPU_LIMIT_SERVER', 'cpu-limit-server'], 'N', 'CPUs of a k3d server node'),
  number(['k3d.cpuLimitAgent', 'K3D_CPU_LIMIT_AGENT', 'cpu-limit-agent'], 'N', 'CPUs of a k3d agent node'),
  number(
    ['k3d.concurrentDownloads', 'K3D_CONCURRENT_DOWNLOADS', 'concurrent-downloads'],
    'N',
    'images pulled in parallel',
  ),
];

/** The settings of these keys, in the order of the help. @throws RangeError for a key that no setting has */
export function optionsOf(keys: readonly string[] | 'all'): readonly Option[] {
  if (keys === 'all') return settingOptions;
  const unknown = keys.filter((key) => !settingOptions.some((option) => option.key === key));
  if (unknown.length > 0) throw new RangeError(`there is no setting ${unknown.join(', ')}`);
  return settingOptions.filter(({ key }) => keys.includes(key));
}

/**
 * The value of an env variable and the name that it was found by: its `HOIST_` spelling wins over the short one.
 * An empty variable counts as none.
 */
export function fromEnv(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): { name: string; value: string } | undefined {
  for (const spelling of name.startsWith('HOIST_') ? [name] : [`HOIST_${name}`, name]) {
    const value = env[spelling];
    if (value !== undefined && value !== '') return { name: spelling, value };
  }
  return undefined;
}

/** The names of one setting in a list of all: dotted path, env variable, flag. */
type Names = readonly [key: string, env: string, flag: string];

function text(names: Names, metavar: string, help: string): Option {
  return option('text', names, metavar, help);
}

function number(names: Names, metavar: string, help: string): Option {
  return option('number', names, metavar, help);
}

function list(names: Names, metavar: string, help: string): Option {
  return option('list', names, metavar, help);
}

function boolean(names: Names, help: string): Option {
  return option('boolean', names, 'true|false', help);
}

function option(kind: Option['kind'], [key, env, flag]: Names, metavar: string, help: string): Option {
  return { key, env, flag, kind, metavar, help };
}
