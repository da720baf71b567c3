// Checks of workloads: whether deployments, stateful sets, replica sets and jobs are there and ready.

import {
  BadCheck,
  MissingFile,
  nameOf,
  namespaceOf,
  number,
  text,
  texts,
  type Check,
  type Files,
  type KubeObject,
  type Spec,
  type CheckVerdict,
} from '../base/check.ts';
import { compareCount, words } from '../base/compare.ts';
import { firstOf, outcomesOf, verdictOf, type Outcome } from '../base/outcomes.ts';
import { matchesText } from '../base/selector.ts';

interface Kind {
  folder: string;
  /** As it is called in messages. */
  word: string;
  /** As it is called in titles. */
  title: string;
  icon: { key: string; file: string };
  /** Whether an outcome's `when` holds for the object. */
  holds: (when: string, object: KubeObject) => boolean;
  /** What is wrong with the object where the spec says nothing of it; undefined where it is well. */
  unready: (object: KubeObject) => string | undefined;
}

const count = (object: KubeObject, key: string): number => number(object.status?.[key]);
const full = (object: KubeObject): string => `${namespaceOf(object)}/${nameOf(object)}`;
const DEPLOYMENT_ICON = 'deployment-status.svg?w=17&h=17';

/** `>=2` is `>= 2`. */
const spaced = (when: string): string => when.replace(/^([=<>!]+)(\d)/, '$1 $2');

function ready(when: string, object: KubeObject): boolean {
  const [sign = '', wanted = ''] = words(spaced(when), 2);
  return compareCount(count(object, 'readyReplicas'), sign, wanted);
}

const replicas =
  (word: string, wanted: (object: KubeObject) => boolean) =>
  (object: KubeObject): string | undefined =>
    wanted(object)
      ? undefined
      : `The ${word} ${full(object)} has ${count(object, 'readyReplicas')}/${count(object, 'replicas')} replicas`;

const DEPLOYMENT: Kind = {
  folder: 'deployments',
  word: 'deployment',
  title: 'Deployment Status',
  icon: { key: 'kubernetes_deployment_status', file: DEPLOYMENT_ICON },
  holds: ready,
  unready: replicas('deployment', (object) => count(object, 'replicas') === count(object, 'availableReplicas')),
};

const STATEFULSET: Kind = {
  folder: 'statefulsets',
  word: 'statefulset',
  title: 'Statefulset Status',
  icon: { key: 'kubernetes_statefulset_status', file: 'statefulset-status.svg?w=23&h=14' },
  holds: ready,
  unready: replicas('statefulset', (object) => count(object, 'replicas') === count(object, 'readyReplicas')),
};

const REPLICASET: Kind = {
  folder: 'replicasets',
  word: 'replicaset',
  title: 'ReplicaSet Status',
  icon: { key: 'kubernetes_deployment_status', file: DEPLOYMENT_ICON },
  holds(when, object) {
    const parts = words(spaced(when), 2, 3);
    if (parts.length === 2) return ready(when, object);
    const [subject = '', sign = '', wanted = ''] = parts;
    const keys: Readonly<Record<string, string>> = { ready: 'readyReplicas', available: 'availableReplicas' };
    const key = Object.hasOwn(keys, subject) ? keys[subject] : undefined;
    if (key === undefined) throw new BadCheck(`"${subject}" is neither ready nor available`);
    return compareCount(count(object, key), sign, wanted);
  },
  unready: (object) => {
    const wanted = number(object.spec?.['replicas'] ?? 1);
    return count(object, 'availableReplicas') >= wanted ? undefined : `The replicaset ${full(object)} is not ready`;
  },
};

const JOB: Kind = {
  folder: 'jobs',
  word: 'job',
  title: 'Job Status',
  icon: { key: 'kubernetes_deployment_status', file: DEPLOYMENT_ICON },
  holds(when, object) {
    const [subject = '', sign = '', wanted = ''] = words(when, 3);
    if (subject !== 'succeeded' && subject !== 'failed')
      throw new BadCheck(`"${subject}" is neither succeeded nor failed`);
    return compareCount(count(object, subject), sign, wanted);
  },
  unready: (object) => {
    const wanted = number(object.spec?.['completions'] ?? 1);
    return count(object, 'succeeded') >= wanted ? undefined : `The job ${full(object)} is not complete`;
  },
};

export const deploymentStatus = checkOf(DEPLOYMENT);
export const statefulsetStatus = checkOf(STATEFULSET);
export const replicasetStatus = checkOf(REPLICASET);
export const jobStatus = checkOf(JOB);

function checkOf(kind: Kind): Check {
  return {
    title: (spec) =>
      [[text(spec, 'namespace'), text(spec, 'name')].filter((part) => part !== '').join('/'), kind.title]
        .join(' ')
        .trim(),
    icon: kind.icon,
    collectors: ['clusterResources'],
    run: (spec, files) => (text(spec, 'name') === '' ? all(kind, spec, files) : one(kind, spec, files)),
  };
}

async function one(kind: Kind, spec: Spec, files: Files): Promise<CheckVerdict[]> {
  const name = text(spec, 'name');
  const namespace = text(spec, 'namespace') || 'default';
  const path = `cluster-resources/${kind.folder}/${namespace}.json`;
  // What is in no namespace that the cluster has is absent, as far as a snapshot of all of them can say.
  if (!files.paths.includes(path) && (await isNoNamespace(files, namespace))) {
    const outcome = absent(kind, outcomesOf(spec), name);
    const message = outcome.reason === undefined ? outcome.message : `There is no namespace "${namespace}"`;
    return [{ ...outcome, message, title: `${name} Status` }];
  }
  const objects = await files.items(path);
  const object = objects.find((candidate) => nameOf(candidate) === name);
  const outcomes = outcomesOf(spec);
  const title = `${name} Status`;
  if (!object) return [{ ...absent(kind, outcomes, name), title }];
  if (outcomes.length === 0) return [byDefault(kind, object)];
  const found =
    kind === JOB
      ? `${count(object, 'succeeded')} succeeded, ${count(object, 'failed')} failed`
      : `${count(object, 'readyReplicas')} ready replicas`;
  return [firstOf(outcomes, { holds: (when) => when !== 'absent' && kind.holds(when, object), found, title })];
}

async function isNoNamespace(files: Files, namespace: string): Promise<boolean> {
  const list = 'cluster-resources/namespaces.json';
  if (!files.paths.includes(list)) return false;
  // An array is of the namespaces that were asked for.
  if (Array.isArray(await files.json(list))) return false;
  const names = (await files.items(list)).map(nameOf);
  return names.length > 0 && !names.includes(namespace);
}

function absent(kind: Kind, outcomes: readonly Outcome[], name: string): CheckVerdict {
  const wanted = outcomes.find(({ when }) => when === 'absent');
  if (wanted) return verdictOf(wanted, wanted.message);
  return {
    outcome: 'fail',
    message: `The ${kind.word} "${name}" was not found`,
    reason: 'not found',
    uri: outcomes[0]?.uri,
  };
}

function byDefault(kind: Kind, object: KubeObject): CheckVerdict {
  const problem = kind.unready(object);
  const title = `${full(object)} ${kind.title}`;
  return problem === undefined
    ? { outcome: 'pass', message: `The ${kind.word} ${full(object)} is ready`, title }
    : { outcome: 'fail', message: problem, title };
}

/** Without a name: each object that is not well fails; one verdict says so where all are. */
async function all(kind: Kind, spec: Spec, files: Files): Promise<CheckVerdict[]> {
  const namespaces = [...texts(spec, 'namespaces'), text(spec, 'namespace')].filter((name) => name !== '');
  const folder = `cluster-resources/${kind.folder}`;
  const paths =
    namespaces.length === 0 ? files.matching(`${folder}/*.json`) : namespaces.map((name) => `${folder}/${name}.json`);
  if (paths.length === 0) throw new MissingFile(`${folder}/*.json`);
  const lists = await Promise.all(paths.map((path) => files.items(path)));
  const selector = texts(spec, 'selector').join(',');
  const objects = lists.flat().filter(({ metadata }) => matchesText(metadata?.labels ?? {}, selector));
  const outcomes = kind === REPLICASET ? outcomesOf(spec) : [];
  if (outcomes.length > 0) {
    const verdicts = objects.map((object) =>
      firstOf(outcomes, {
        holds: (when) => kind.holds(when, object),
        found: full(object),
        title: `${nameOf(object)} Status`,
      }),
    );
    if (verdicts.length > 0) return verdicts;
  }
  const bad = objects.map((object) => byDefault(kind, object)).filter(({ outcome }) => outcome === 'fail');
  if (bad.length > 0) return bad;
  return [
    {
      outcome: 'pass',
      message: objects.length === 0 ? `There are no ${kind.folder}` : `All ${objects.length} ${kind.folder} are ready`,
    },
  ];
}
