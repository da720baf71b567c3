// Which tools hoist uses: their pinned versions, where their publishers have them, and how Go builds them. Data alone.

import { fileURLToPath } from 'node:url';

export type ToolName =
  'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'k3d' | 'helm';

type Os = 'linux' | 'darwin';
export type Arch = 'amd64' | 'arm64';
export interface Platform {
  os: Os;
  arch: Arch;
}

/** What a publisher offers for one operating system; {version}, {os} and {arch} are filled in. */
export interface Published {
  archs: readonly Arch[];
  url: string;
  /** A file of lines `SUM  NAME`, or of a sum alone. Some publish none: the sum of the first download is kept then. */
  checksums?: string;
  /** Where in the archive the binary is; without it the file is the binary. */
  member?: string;
}

/** A `go build` in a folder that holds a go.mod and go.sum. */
export interface GoBuild {
  /** Absolute path of the folder. */
  module: string;
  package: string;
  /**
   * The build tag that puts the tool into the package's binary, which is the tool when it is started by the tool's name.
   * What such tools share is compiled and linked once. Without it the package's binary is the tool.
   */
  tag?: string;
  ldflags: string;
}

export interface Pin {
  name: ToolName;
  version: string;
  /** Versions on the PATH that do as well: from this one, below that one. */
  accepts: { from: string; below: string };
  /** Arguments that make it print its version. */
  versionArgs: readonly string[];
  published: Partial<Record<Os, Published>>;
  /** Tools of one set are needed together, so that one step provides them: see `TOOL_SETS`. */
  set: ToolSet;
  build?: GoBuild;
}

const BOTH: readonly Arch[] = ['amd64', 'arm64'];
const KUBERNETES = '1.36.3';
const ETCD = '3.6.8';
const KWOK = '0.8.0';
const HELM = '3.21.4';
/** The Kubernetes whose k3s is the default of k3d clusters; k3s is published by itself, and later. */
export const K3S_KUBERNETES = '1.34.2';

/** In the order in which a cluster needs them: the API answers while what runs pods is still being built. */
export const TOOL_SETS = ['api', 'nodes', 'k3d', 'helm'] as const;
export type ToolSet = (typeof TOOL_SETS)[number];
const GITHUB = 'https://github.com';

/** One module for all tools, so that they share one version of each library. */
const MODULE = fileURLToPath(new URL('./modules/components', import.meta.url));
const define = (variables: Readonly<Record<string, string>>): string =>
  ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');

/** The same for all tools of one binary. Without them the components of Kubernetes refuse to work together. */
const COMPONENT_VERSIONS = ((): string => {
  const [major = '', minor = ''] = KUBERNETES.split('.');
  const variables = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return define({
    ...Object.fromEntries(packages.flatMap((path) => Object.entries(variables).map(([n, v]) => [`${path}.${n}`, v]))),
    'sigs.k8s.io/kwok/pkg/consts.Version': `v${KWOK}`,
  });
})();

const component = (name: ToolName): GoBuild => ({
  module: MODULE,
  package: 'hoist/tools',
  tag: `with_${name.replaceAll('-', '_')}`,
  ldflags: COMPONENT_VERSIONS,
});

/** The publisher has these for Linux alone. */
const kubernetes = (name: ToolName, set: ToolSet): Pin => ({
  name,
  set,
  version: KUBERNETES,
  // Components of one cluster: another minor version on one side is not supported by the publisher.
  accepts: { from: '1.36.0', below: '1.37.0' },
  versionArgs: ['--version'],
  published: {
    linux: {
      archs: BOTH,
      url: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}`,
      checksums: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}.sha256`,
    },
  },
  build: component(name),
});

const etcdArchive = (suffix: string): Published => ({
  archs: BOTH,
  url: `${GITHUB}/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.${suffix}`,
  checksums: `${GITHUB}/etcd-io/etcd/releases/download/v{version}/SHA256SUMS`,
  member: 'etcd-v{version}-{os}-{arch}/etcd',
});

/** kwok's release job uploads binaries alone, no sums. */
const kwokBinary: Published = {
  archs: BOTH,
  url: `${GITHUB}/kubernetes-sigs/kwok/releases/download/v{version}/kwok-{os}-{arch}`,
};

const k3dBinary: Published = {
  archs: BOTH,
  url: `${GITHUB}/k3d-io/k3d/releases/download/v{version}/k3d-{os}-{arch}`,
  checksums: `${GITHUB}/k3d-io/k3d/releases/download/v{version}/checksums.txt`,
};

const helmArchive: Published = {
  archs: BOTH,
  url: 'https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz',
  checksums: 'https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum',
  member: '{os}-{arch}/helm',
};

/** The Kubernetes version that `helm template` renders for where there is no cluster: that of helm's own libraries. */
const helmVersion = (version: string): string => {
  const packages = ['helm.sh/helm/v3/pkg/chartutil', 'helm.sh/helm/v3/pkg/lint/rules'];
  const variables = { 'helm.sh/helm/v3/internal/version.version': `v${version}` };
  const rendersFor = packages.map((path) => ({ [`${path}.k8sVersionMajor`]: '1', [`${path}.k8sVersionMinor`]: '36' }));
  return define(Object.assign(variables, ...rendersFor) as Record<string, string>);
};

export const PINS: Readonly<Record<ToolName, Pin>> = {
  etcd: {
    name: 'etcd',
    set: 'api',
    version: ETCD,
    accepts: { from: '3.6.0', below: '3.7.0' },
    versionArgs: ['--version'],
    published: { linux: etcdArchive('tar.gz'), darwin: etcdArchive('zip') },
    build: component('etcd'),
  },
  'kube-apiserver': kubernetes('kube-apiserver', 'api'),
  'kube-controller-manager': kubernetes('kube-controller-manager', 'nodes'),
  'kube-scheduler': kubernetes('kube-scheduler', 'nodes'),
  kwok: {
    name: 'kwok',
    set: 'nodes',
    version: KWOK,
    accepts: { from: '0.8.0', below: '0.9.0' },
    versionArgs: ['--version'],
    published: { linux: kwokBinary, darwin: kwokBinary },
    build: component('kwok'),
  },
  k3d: {
    name: 'k3d',
    set: 'k3d',
    version: '5.9.0',
    accepts: { from: '5.8.0', below: '6.0.0' },
    versionArgs: ['version'],
    published: { linux: k3dBinary, darwin: k3dBinary },
  },
  helm: {
    name: 'helm',
    set: 'helm',
    version: HELM,
    accepts: { from: '3.17.0', below: '4.0.0' },
    versionArgs: ['version', '--short'],
    published: { linux: helmArchive, darwin: helmArchive },
    build: { module: MODULE, package: 'helm.sh/helm/v3/cmd/helm', ldflags: helmVersion(HELM) },
  },
};

/** Fills the placeholders of a URL or a path. */
export function fillIn(template: string, pin: Pin, { os, arch }: Platform): string {
  return template.replaceAll('{version}', pin.version).replaceAll('{os}', os).replaceAll('{arch}', arch);
}
