// What kwok does with simulated nodes and pods: nodes become Ready and stay it, pods run at once, those of jobs complete.
// kwok has none of this by itself since its version 0.8.

/** A rule of kwok: what it applies to, after which time, and what becomes of that. Templates are Go's, their result YAML. */
interface Stage {
  name: string;
  kind: 'Node' | 'Pod';
  where: readonly { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: readonly string[] }[];
  delay?: { durationMilliseconds: number; jitterDurationMilliseconds: number };
  next: { statusTemplate: string } | { delete: true };
}

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const DELETED = '.metadata.deletionTimestamp';
const PHASE = '.status.phase';

/** The conditions that kwok knows of a healthy node, as of now. */
const NODE_CONDITIONS = `
{{ $now := Now }}
{{ $since := or .metadata.creationTimestamp $now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $since | Quote }}
{{ end }}`;

const NODE_BEGINS = `${NODE_CONDITIONS}
addresses:
{{ with NodeIP }}
- type: InternalIP
  address: {{ . | Quote }}
{{ end }}
- type: Hostname
  address: {{ NodeName | Quote }}
{{ with NodePort }}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ . }}
{{ end }}
{{ with .status.allocatable }}
allocatable:
{{ YAML . 1 }}
{{ end }}
{{ with .status.capacity }}
capacity:
{{ YAML . 1 }}
{{ end }}
{{ $kwok := printf "kwok-%s" Version }}
nodeInfo:
  architecture: ${process.arch === 'x64' ? 'amd64' : process.arch}
  operatingSystem: linux
  kubeletVersion: {{ $kwok | Quote }}
  kubeProxyVersion: {{ $kwok | Quote }}
  kernelVersion: {{ $kwok | Quote }}
  containerRuntimeVersion: {{ $kwok | Quote }}
  osImage: ""
  bootID: ""
  machineID: ""
  systemUUID: ""
phase: Running`;

const isTrue = (type: string): string => `
- type: ${type}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}`;

const CONTAINER = `
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0`;
const RUNS = `
  ready: true
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}`;
const completed = (ready: boolean): string => `
  ready: ${ready}
  started: false
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}`;

const POD_RUNS = `
{{ $now := Now }}
conditions:${isTrue('Initialized')}${isTrue('Ready')}${isTrue('ContainersReady')}
{{ range .spec.readinessGates }}${isTrue('{{ .conditionType | Quote }}')}
{{ end }}
containerStatuses:
{{ range .spec.containers }}${CONTAINER}${RUNS}
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}${CONTAINER}
{{ if eq .restartPolicy "Always" }}${RUNS}
{{ else }}${completed(true)}
{{ end }}
{{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}`;

const POD_COMPLETES = `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}${CONTAINER}${completed(false)}
{{ end }}
phase: Succeeded`;

const stages: readonly Stage[] = [
  {
    name: 'node-begins',
    kind: 'Node',
    where: [{ key: READY, operator: 'NotIn', values: ['True'] }],
    next: { statusTemplate: NODE_BEGINS },
  },
  {
    // Leases show that it lives; this keeps its conditions from looking old.
    name: 'node-lives',
    kind: 'Node',
    where: [
      { key: PHASE, operator: 'In', values: ['Running'] },
      { key: READY, operator: 'In', values: ['True'] },
    ],
    delay: { durationMilliseconds: 600_000, jitterDurationMilliseconds: 610_000 },
    next: { statusTemplate: NODE_CONDITIONS },
  },
  {
    name: 'pod-runs',
    kind: 'Pod',
    where: [
      { key: DELETED, operator: 'DoesNotExist' },
      { key: PHASE, operator: 'In', values: ['Pending'] },
      { key: READY, operator: 'NotIn', values: ['True'] },
    ],
    next: { statusTemplate: POD_RUNS },
  },
  {
    name: 'pod-completes',
    kind: 'Pod',
    where: [
      { key: DELETED, operator: 'DoesNotExist' },
      { key: PHASE, operator: 'In', values: ['Running'] },
      { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] },
    ],
    next: { statusTemplate: POD_COMPLETES },
  },
  {
    name: 'pod-goes',
    kind: 'Pod',
    where: [{ key: DELETED, operator: 'Exists' }],
    next: { delete: true },
  },
];

/** The text of kwok's configuration file: YAML, each document as JSON. */
export function stagesText(): string {
  return stages
    .map(({ name, kind, where, delay, next }) => {
      const spec = { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions: where }, delay, next };
      return JSON.stringify({ apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage', metadata: { name }, spec });
    })
    .join('\n---\n');
}
