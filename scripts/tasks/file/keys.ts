// The keys of a task file: the one table that the reader, the JSON schema and its descriptions come from.

/** What stands below a key. */
export type Shape =
  | 'string'
  | 'boolean'
  | 'count'
  | 'duration'
  | 'strings'
  | 'map'
  | 'for'
  | 'parallel'
  | { one: ObjectName }
  | { list: ObjectName }
  | { named: ObjectName };

export interface Key {
  shape: Shape;
  help: string;
  /** Not one of maru: a key that looks like a misspelling of it is an error, not a warning. */
  ours?: true;
  required?: true;
}

export type ObjectName =
  | 'file'
  | 'variable'
  | 'task'
  | 'input'
  | 'action'
  | 'shell'
  | 'setVariable'
  | 'wait'
  | 'waitCluster'
  | 'waitNetwork'
  | 'parallelBlock'
  | 'retry'
  | 'ready'
  | 'apply';

export const keys: Readonly<Record<ObjectName, Readonly<Record<string, Key>>>> = {
  file: {
    includes: { shape: 'map', help: 'other task files: a list of `name: path or URL`' },
    variables: { shape: { list: 'variable' }, help: 'variables with their defaults' },
    tasks: { shape: { list: 'task' }, help: 'the tasks that can be run', required: true },
  },
  variable: {
    name: { shape: 'string', help: 'upper-case letters, digits and "_"', required: true },
    description: { shape: 'string', help: 'what it is for' },
    default: { shape: 'string', help: 'its value where nothing else sets it' },
    pattern: { shape: 'string', help: 'a Go regular expression that its value must match' },
    prompt: { shape: 'boolean', help: 'ask for its value on a terminal' },
    sensitive: { shape: 'boolean', help: 'mask its value in all output, errors and records', ours: true },
  },
  task: {
    name: { shape: 'string', help: 'the name that it is called by', required: true },
    description: { shape: 'string', help: 'shown by --list' },
    inputs: { shape: { named: 'input' }, help: 'parameters, given by `with`' },
    envPath: { shape: 'string', help: 'a .env file for its actions, relative to this file' },
    actions: { shape: { list: 'action' }, help: 'what it does, one after another' },
    finally: { shape: { list: 'action' }, help: 'what it does at the end, however that came', ours: true },
    once: { shape: 'boolean', help: 'run once for the same inputs, however often it is called', ours: true },
    internal: { shape: 'boolean', help: 'neither listed nor called from the command line', ours: true },
    sources: { shape: 'strings', help: 'files that it is made from: unchanged, it is up to date; --watch', ours: true },
    generates: { shape: 'strings', help: 'files that it makes: with these unchanged too', ours: true },
  },
  input: {
    description: { shape: 'string', help: 'what it is for' },
    default: { shape: 'string', help: 'its value where the caller gives none' },
    required: { shape: 'boolean', help: 'whether the caller must give it' },
    deprecatedMessage: { shape: 'string', help: 'a warning for callers that give it' },
  },
  action: {
    description: { shape: 'string', help: 'shown instead of the command' },
    cmd: { shape: 'string', help: 'a command for the shell' },
    task: { shape: 'string', help: 'a task to run: `name`, or `include:name`' },
    wait: { shape: { one: 'wait' }, help: 'wait for a cluster object or for the network' },
    with: { shape: 'map', help: 'inputs of the task' },
    if: { shape: 'string', help: 'skip the action where this is "false"; or always(), failure(), cancelled()' },
    env: { shape: 'strings', help: 'more environment, `NAME=value` each' },
    dir: { shape: 'string', help: 'working directory, relative to the one that hoist was started in' },
    shell: { shape: { one: 'shell' }, help: 'another shell than sh' },
    mute: { shape: 'boolean', help: 'do not show its output' },
    setVariables: { shape: { list: 'setVariable' }, help: 'variables that are set to its stdout' },
    maxRetries: { shape: 'count', help: 'attempts after the first one, without a pause' },
    maxTotalSeconds: { shape: 'count', help: 'time limit over all attempts, in seconds' },
    parallel: { shape: 'parallel', help: 'actions that run in parallel', ours: true },
    apply: { shape: { one: 'apply' }, help: 'apply Kubernetes manifests', ours: true },
    id: { shape: 'string', help: 'a name for `needs`', ours: true },
    needs: { shape: 'strings', help: 'ids of actions of the same list that must end well before', ours: true },
    once: { shape: 'boolean', help: 'run the task once for the same inputs', ours: true },
    background: { shape: 'boolean', help: 'go on while it runs; it is ended at the end of its task', ours: true },
    ready: { shape: { one: 'ready' }, help: 'when a background action is ready', ours: true },
    retry: { shape: { one: 'retry' }, help: 'repeat a failed attempt after a pause', ours: true },
    timeout: { shape: 'duration', help: 'time limit over all attempts, like 90s', ours: true },
    for: { shape: 'for', help: 'repeat for each item of a list, or of a matrix', ours: true },
    interactive: { shape: 'boolean', help: 'give it the terminal, alone', ours: true },
  },
  shell: {
    linux: { shape: 'string', help: 'like bash' },
    darwin: { shape: 'string', help: 'like zsh' },
    windows: { shape: 'string', help: 'like pwsh' },
  },
  setVariable: {
    name: { shape: 'string', help: 'the variable that is set to the trimmed stdout', required: true },
    pattern: { shape: 'string', help: 'a Go regular expression that the value must match' },
    sensitive: { shape: 'boolean', help: 'mask its value in all output, errors and records', ours: true },
  },
  wait: {
    cluster: { shape: { one: 'waitCluster' }, help: 'an object of the cluster' },
    network: { shape: { one: 'waitNetwork' }, help: 'an address' },
  },
  waitCluster: {
    kind: { shape: 'string', help: 'kind or resource, like Pod or gateways.networking.istio.io', required: true },
    name: { shape: 'string', help: 'a name, or a label selector like app=web', required: true },
    namespace: { shape: 'string', help: "where it is; else the context's namespace" },
    condition: { shape: 'string', help: "exists, delete, ready, a condition's name, or {.jsonpath}=value" },
  },
  waitNetwork: {
    protocol: { shape: 'string', help: 'tcp, http or https', required: true },
    address: { shape: 'string', help: 'host:port, with a path for http', required: true },
    code: { shape: 'string', help: 'the HTTP status; defaults to 200' },
  },
  parallelBlock: {
    actions: { shape: { list: 'action' }, help: 'what runs in parallel', required: true },
    limit: { shape: 'count', help: 'how many run at once' },
    failure: { shape: 'string', help: 'what becomes of the others: finish, cancel or continue' },
  },
  retry: {
    attempts: { shape: 'count', help: 'attempts in all', required: true },
    backoff: { shape: 'duration', help: 'longest pause before the second attempt; it doubles with each further one' },
  },
  ready: {
    log: { shape: 'string', help: 'a text that it writes' },
    tcp: { shape: 'string', help: 'host:port that accepts a connection' },
    http: { shape: 'string', help: 'a URL that answers with 2xx or 3xx' },
    cmd: { shape: 'string', help: 'a command that ends well' },
    timeout: { shape: 'duration', help: 'how long that may take; defaults to 60s' },
  },
  apply: {
    files: { shape: 'strings', help: 'manifest files and folders', required: true },
    namespace: { shape: 'string', help: 'for objects that name none' },
    wait: { shape: 'boolean', help: 'wait until all is ready; defaults to true' },
  },
};
