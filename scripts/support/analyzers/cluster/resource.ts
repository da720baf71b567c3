// A check of one value of one object of the cluster.

import { parse as parseYaml, stringify } from 'yaml';
import { GoRegExp } from '../../../base/go-regexp.ts';
import { BadCheck, nameOf, text, type Check, type Spec, type CheckVerdict } from '../base/check.ts';
import { holds, operator, order, quantity, wantedQuantity, words } from '../base/compare.ts';
import { firstOf, goBool, outcomesOf } from '../base/outcomes.ts';
import { atPath } from '../base/paths.ts';
import { byGroups, byRegex, sameUnordered } from './text.ts';

/** Folders of the bundle by the kind in lower case; of kinds of the cluster the file's name. */
const PLACES: Readonly<Record<string, string>> = {
  deployment: 'deployments',
  daemonset: 'daemonsets',
  statefulset: 'statefulsets',
  networkpolicy: 'network-policy',
  pod: 'pods',
  ingress: 'ingress',
  service: 'services',
  resourcequota: 'resource-quota',
  job: 'jobs',
  cronjob: 'cronjobs',
  persistentvolumeclaim: 'pvcs',
  pvc: 'pvcs',
  replicaset: 'replicasets',
  configmap: 'configmaps',
  serviceaccount: 'serviceaccounts',
  validatingwebhookconfiguration: 'validating-webhook-configurations.json',
  mutatingwebhookconfiguration: 'mutating-webhook-configurations.json',
  namespace: 'namespaces.json',
  persistentvolume: 'pvs.json',
  pv: 'pvs.json',
  node: 'nodes.json',
  storageclass: 'storage-classes.json',
};

export const clusterResource: Check = {
  title: (spec) => text(spec, 'collectorName') || `${text(spec, 'kind')} ${text(spec, 'name')}`.trim(),
  icon: { key: 'kubernetes_text_analyze', file: 'text-analyze.svg' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const kind = text(spec, 'kind');
    const place = PLACES[kind.toLowerCase()];
    if (place === undefined)
      throw new BadCheck(`objects of kind "${kind}" cannot be looked at: ${Object.keys(PLACES).join(', ')} can`);
    const namespace = text(spec, 'namespace') || 'default';
    const ofCluster = place.endsWith('.json');
    const items = await files.items(`cluster-resources/${ofCluster ? place : `${place}/${namespace}.json`}`);
    const object = items.find((item) => nameOf(item) === text(spec, 'name'));
    if (!object) {
      const where = ofCluster ? '' : ` in namespace ${namespace}`;
      return [
        { outcome: 'fail', message: `${kind} ${text(spec, 'name')}${where} does not exist`, reason: 'not found' },
      ];
    }
    const actual = atPath(object, text(spec, 'yamlPath'));
    if (actual === undefined) {
      return [
        {
          outcome: 'fail',
          message: `${kind} ${text(spec, 'name')} has no ${text(spec, 'yamlPath')}`,
          reason: 'not found',
        },
      ];
    }
    return [judged(spec, actual)];
  },
};

function judged(spec: Spec, actual: unknown): CheckVerdict {
  const found = typeof actual === 'string' ? actual : JSON.stringify(actual);
  if (text(spec, 'expectedValue') !== '') {
    const equal = sameUnordered(actual, parseYaml(text(spec, 'expectedValue')));
    const outcomes = outcomesOf(spec).map((one) => ({ ...one, when: one.when || String(one.outcome === 'pass') }));
    return firstOf(outcomes, { holds: (when) => goBool(when) === equal, found });
  }
  const yaml = stringify(actual);
  if (text(spec, 'regex') !== '') return byRegex(spec, new GoRegExp(text(spec, 'regex')).test(yaml), found);
  if (text(spec, 'regexGroups') !== '') return byGroups(spec, new GoRegExp(text(spec, 'regexGroups')), yaml);
  return firstOf(outcomesOf(spec), { holds: (when) => valueHolds(when, actual), found });
}

function valueHolds(when: string, actual: unknown): boolean {
  const [sign = '', wanted = ''] = words(when, 2);
  const value = typeof actual === 'number' || typeof actual === 'string' ? quantity(String(actual)) : undefined;
  if (value === undefined)
    throw new BadCheck(`${JSON.stringify(actual)} is no number and no quantity, which "${when}" compares`);
  return holds(operator(sign), order(value, wantedQuantity(wanted)));
}
