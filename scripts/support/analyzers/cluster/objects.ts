// Checks of whether something is there: they have no `when`, what is found passes, else the check fails.

import { nameOf, record, text, type Check, type Spec, type CheckVerdict } from '../base/check.ts';
import { outcomesOf } from '../base/outcomes.ts';

/** The last outcome that fits, as in troubleshoot; a message of its own where the spec has none. */
function found(spec: Spec, there: boolean, words: string): CheckVerdict {
  const outcomes = outcomesOf(spec);
  const wanted = there ? ['pass'] : ['fail', 'warn'];
  const fits = outcomes.filter(({ outcome }) => wanted.includes(outcome));
  const best = fits.filter(({ outcome }) => outcome === wanted[0]).at(-1) ?? fits.at(-1);
  const outcome = best?.outcome ?? (there ? 'pass' : 'fail');
  return { outcome, message: best && best.message !== '' ? best.message : words, uri: best?.uri };
}

interface Listed {
  path: (spec: Spec) => string;
  name: string;
  /** What it is called in the title, with a capital letter. */
  word: string;
  /** And in messages, where that is not the same. */
  words?: string;
  icon: { key: string; file: string };
  /** The annotation of the one that is the default, for where no name is given. */
  byDefault?: string;
}

function listed({ path, name, word, words = word, icon, byDefault }: Listed): Check {
  return {
    title: (spec) =>
      text(spec, name) === '' && byDefault !== undefined ? `Default ${words}` : `${word} ${text(spec, name)}`,
    icon,
    collectors: ['clusterResources'],
    async run(spec, files) {
      const wanted = text(spec, name);
      const items = await files.items(path(spec));
      const there = items.some((item) =>
        wanted === '' && byDefault !== undefined
          ? item.metadata?.annotations?.[byDefault] === 'true'
          : nameOf(item) === wanted,
      );
      const what = wanted === '' && byDefault !== undefined ? `Default ${words}` : `${words} "${wanted}"`;
      return [found(spec, there, there ? `${what} found` : `No ${what} found`)];
    },
  };
}

export const storageClass = listed({
  path: () => 'cluster-resources/storage-classes.json',
  name: 'storageClassName',
  word: 'Storage class',
  words: 'Storage Class',
  icon: { key: 'kubernetes_storage_class', file: 'storage-class.svg?w=12&h=12' },
  byDefault: 'storageclass.kubernetes.io/is-default-class',
});

export const ingressClass = listed({
  path: () => 'cluster-resources/ingress-classes.json',
  name: 'ingressClassName',
  word: 'Ingress class',
  words: 'Ingress Class',
  icon: { key: 'kubernetes_ingress_class', file: 'ingress-controller.svg?w=20&h=13' },
  byDefault: 'ingressclass.kubernetes.io/is-default-class',
});

export const customResourceDefinition = listed({
  path: () => 'cluster-resources/custom-resource-definitions.json',
  name: 'customResourceDefinitionName',
  word: 'Custom resource definition',
  icon: { key: 'kubernetes_custom_resource_definition', file: 'custom-resource-definition.svg?w=13&h=16' },
});

export const ingress = listed({
  path: (spec) => `cluster-resources/ingress/${text(spec, 'namespace') || 'default'}.json`,
  name: 'ingressName',
  word: 'Ingress',
  icon: { key: 'kubernetes_ingress', file: 'ingress-controller.svg?w=20&h=13' },
});

/** Secrets and ConfigMaps that a collector of their own looked for. */
function collected(folder: string, name: string, word: string, exists: string): Check {
  return {
    title: (spec) => `${word} ${text(spec, name)}`,
    icon: { key: 'kubernetes_analyze_secret', file: 'secret.svg?w=13&h=16' },
    collectors: [folder === 'secrets' ? 'secret' : 'configMap'],
    async run(spec, files) {
      const key = text(spec, 'key');
      const path = [folder, text(spec, 'namespace') || 'default', text(spec, name)].join('/');
      const withKey = `${path}/${key}.json`;
      const file = key !== '' && files.paths.includes(withKey) ? withKey : `${path}.json`;
      const other = files.matching(`${path}/*.json`)[0];
      const data = record(await files.json(files.paths.includes(file) ? file : (other ?? file)));
      const there = data[exists] === true;
      const keyThere =
        key === '' || (data['key'] === key && data['keyExists'] === true) || Object.hasOwn(record(data['data']), key);
      const what = key === '' ? `${word} "${text(spec, name)}"` : `Key "${key}" of ${word} "${text(spec, name)}"`;
      return [found(spec, there && keyThere, there && keyThere ? `${what} found` : `No ${what} found`)];
    },
  };
}

export const secret = collected('secrets', 'secretName', 'Secret', 'secretExists');
export const configMap = collected('configmaps', 'configMapName', 'ConfigMap', 'configMapExists');

export const imagePullSecret: Check = {
  title: () => 'Image Pull Secrets',
  icon: { key: 'kubernetes_image_pull_secret', file: 'image-pull-secret.svg?w=16&h=14' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const registry = text(spec, 'registryName');
    const hosts: string[] = [];
    for (const path of files.matching('cluster-resources/image-pull-secrets/**.json')) {
      hosts.push(...Object.keys(record(record(await files.json(path))['auths'] ?? (await files.json(path)))));
    }
    const there = hosts.some((host) => host.includes(registry));
    return [found(spec, there, `Credentials to pull from: ${registry} ${there ? '' : 'not '}found`)];
  },
};
