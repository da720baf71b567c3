// Checks of pods and their containers, with one verdict for each that an outcome matches.

import {
  BadCheck,
  MissingFile,
  nameOf,
  namespaceOf,
  number,
  record,
  string,
  text,
  texts,
  type Check,
  type Files,
  type KubeObject,
  type Spec,
  type CheckVerdict,
} from '../base/check.ts';
import { operator, words } from '../base/compare.ts';
import { outcomesOf, verdictOf } from '../base/outcomes.ts';
import { render } from '../base/template.ts';

async function podsOf(spec: Spec, files: Files): Promise<KubeObject[]> {
  const namespaces = texts(spec, 'namespaces');
  const folder = 'cluster-resources/pods';
  const paths = files.matching(`${folder}/*.json`);
  if (paths.length === 0) throw new MissingFile(`${folder}/*.json`);
  for (const name of namespaces)
    if (!paths.includes(`${folder}/${name}.json`)) throw new MissingFile(`${folder}/${name}.json`);
  const wanted = namespaces.length === 0 ? paths : namespaces.map((name) => `${folder}/${name}.json`);
  return (await Promise.all(wanted.map((path) => files.items(path)))).flat();
}

const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? (value as unknown[]).map(record) : [];

/** `=` or `!=`, and the word behind it. */
function equality(when: string): { equal: boolean; reason: string } {
  const [sign = '', reason = ''] = words(when, 2);
  const op = operator(sign);
  if (op !== '=' && op !== '!=') throw new BadCheck(`"${when}" compares with neither = nor !=`);
  return { equal: op === '=', reason };
}

export const clusterPodStatuses: Check = {
  title: () => 'Cluster Pod Status',
  collectors: ['clusterResources'],
  async run(spec, files) {
    const pods = await podsOf(spec, files);
    const outcomes = outcomesOf(spec).map((outcome) => ({
      outcome,
      test: outcome.when === '' ? undefined : equality(outcome.when),
    }));
    const verdicts: CheckVerdict[] = [];
    for (const pod of pods) {
      const state = stateOf(pod);
      const match = outcomes.find(({ test }) => {
        if (!test) return true;
        const holds =
          test.reason === 'Healthy' ? state.healthy : test.reason === state.phase || test.reason === state.reason;
        return holds === test.equal;
      });
      if (!match) continue;
      const message = state.message || (await warningsOf(pod, files)) || 'None';
      const data = { ...pod, status: { ...pod.status, reason: state.reason, message } };
      const template =
        match.outcome.message ||
        'Pod {{ .Namespace }}/{{ .Name }} status is {{ .Status.Reason }}. Message is: {{ .Status.Message }}';
      verdicts.push({
        ...verdictOf(match.outcome, render(template, data).trim()),
        title: render(text(spec, 'checkName') || 'Pod {{ .Namespace }}/{{ .Name }} status', data),
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) },
      });
    }
    if (verdicts.length > 0) return verdicts;
    // Outcomes name what is wrong: that no pod is like that is what was hoped for.
    const onlyBad = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome.outcome !== 'pass');
    if (onlyBad) return [{ outcome: 'pass', message: `None of ${pods.length} pods matches` }];
    return [
      {
        outcome: 'warn',
        message: `None of the check's outcomes matched any of ${pods.length} pods`,
        reason: 'no outcome matched',
      },
    ];
  },
};

interface PodState {
  phase: string;
  /** As `kubectl get pods` shows it. */
  reason: string;
  message: string;
  healthy: boolean;
}

function stateOf(pod: KubeObject): PodState {
  const status = pod.status ?? {};
  const phase = string(status['phase']);
  let reason = string(status['reason']) || phase;
  let message = string(status['message']);
  let restarting = false;
  const statuses = [...listOf(status['initContainerStatuses']), ...listOf(status['containerStatuses'])];
  const initial = listOf(status['initContainerStatuses']).length;
  for (const [i, container] of statuses.entries()) {
    const state = record(container['state']);
    const waiting = record(state['waiting']);
    const ended = record(state['terminated']);
    const isInit = i < initial;
    if (
      state['waiting'] !== undefined &&
      string(waiting['reason']) !== '' &&
      string(waiting['reason']) !== 'PodInitializing'
    ) {
      reason = `${isInit ? 'Init:' : ''}${string(waiting['reason'])}`;
      message ||= string(waiting['message']);
      restarting ||= !/^(?:ContainerCreating|PodInitializing)$/.test(string(waiting['reason']));
    } else if (state['terminated'] !== undefined && !(isInit && number(ended['exitCode']) === 0)) {
      reason = `${isInit ? 'Init:' : ''}${string(ended['reason']) || `ExitCode:${number(ended['exitCode'])}`}`;
      message ||= string(ended['message']);
    }
    const last = record(record(container['lastState'])['terminated']);
    message ||= string(last['message']);
  }
  if (string(record(pod.metadata)['deletionTimestamp']) !== '') reason = 'Terminating';
  return { phase, reason, message, healthy: isHealthy(pod, phase) && !restarting };
}

/** Ran to its end, or runs with all containers ready. */
function isHealthy(pod: KubeObject, phase: string): boolean {
  if (phase === 'Succeeded') return true;
  if (phase !== 'Running') return false;
  return listOf(pod.status?.['containerStatuses']).every((container) => {
    const ended = record(record(container['state'])['terminated']);
    return container['ready'] === true || string(ended['reason']) === 'Completed';
  });
}

async function warningsOf(pod: KubeObject, files: Files): Promise<string> {
  const path = `cluster-resources/events/${namespaceOf(pod)}.json`;
  if (!files.paths.includes(path)) return '';
  const events = await files.items(path);
  return events
    .filter((event) => {
      const about = record(event['involvedObject']);
      return about['kind'] === 'Pod' && about['name'] === nameOf(pod) && event['type'] === 'Warning';
    })
    .map((event) => string(event['message']))
    .filter((message) => message !== '')
    .join('. ');
}

export const clusterContainerStatuses: Check = {
  title: () => 'Cluster Container Status',
  icon: { key: 'kubernetes_container_statuses', file: 'kubernetes.svg?w=16&h=16' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const pods = await podsOf(spec, files);
    const atLeast = number(spec['restartCount']);
    const containers = pods.flatMap((pod) =>
      listOf(pod.status?.['containerStatuses'])
        .filter((status) => number(status['restartCount']) >= atLeast)
        .map((status) => ({ pod, status })),
    );
    const verdicts: CheckVerdict[] = [];
    const outcomes = outcomesOf(spec);
    for (const outcome of outcomes) {
      if (outcome.when === '') return verdicts.length > 0 ? verdicts : [verdictOf(outcome, outcome.message)];
      const { equal, reason } = equality(outcome.when);
      for (const { pod, status } of containers) {
        const state = reasonsOf(status).find((one) => one.reason.toLowerCase() === reason.toLowerCase());
        if ((state !== undefined) !== equal) continue;
        const info = {
          Namespace: namespaceOf(pod),
          PodName: nameOf(pod),
          ContainerName: string(status['name']),
          Ready: status['ready'] === true,
          RestartCount: number(status['restartCount']),
          Message: state?.message ?? '',
        };
        verdicts.push({
          ...verdictOf(outcome, render(outcome.message, info)),
          involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) },
        });
      }
    }
    if (verdicts.length > 0) return verdicts;
    const onlyBad = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome !== 'pass');
    const message = `None of ${containers.length} containers matches`;
    return [onlyBad ? { outcome: 'pass', message } : { outcome: 'warn', message, reason: 'no outcome matched' }];
  },
};

function reasonsOf(status: Record<string, unknown>): { reason: string; message: string }[] {
  const state = record(status['state']);
  return [record(status['lastState'])['terminated'], state['terminated'], state['waiting']]
    .map(record)
    .map((one) => ({ reason: string(one['reason']), message: string(one['message']) }))
    .filter(({ reason }) => reason !== '');
}
