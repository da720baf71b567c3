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

/** A `go build` in one of the folders that hold a go.mod and go.sum; one invocation builds all tools of a module. */
export interface GoBuild {
  /** Absolute path of the folder. */
  module: string;
  package: string;
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
  build?: GoBuild;
}

const BOTH: readonly Arch[] = ['amd64', 'arm64'];
const KUBERNETES = '1.34.2';
const GITHUB = 'https://github.com';

const moduleFolder = (name: string): string => fileURLToPath(new URL(`./modules/${name}`, import.meta.url));
const define = (variables: Readonly<Record<string, string>>): string =>
  ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');

/** Without these the components take each other for version 0.0.0 and refuse to work together. */
const kubernetesVersion = (): string => {
  const [major = '', minor = ''] = KUBERNETES.split('.');
  const variables = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return define(
    Object.fromEntries(packages.flatMap((path) => Object.entries(variables).map(([n, v]) => [`${path}.${n}`, v]))),
  );
};

/** The publisher has these for Linux alone. */
const kubernetes = (name: ToolName): Pin => ({
  name,
  version: KUBERNETES,
  // Components of one cluster: another minor version on one side is not supported by the publisher.
  accepts: { from: '1.34.0', below: '1.35.0' },
  versionArgs: ['--version'],
  published: {
    linux: {
      archs: BOTH,
      url: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}`,
      checksums: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${name}.sha256`,
    },
  },
  build: { module: moduleFolder('kubernetes'), package: `k8s.io/kubernetes/cmd/${name}`, ldflags: kubernetesVersion() },
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
  const rendersFor = packages.map((path) => ({ [`${path}.k8sVersionMajor`]: '1', [`${path}.k8sVersionMinor`]: '37' }));
  return define(Object.assign(variables, ...rendersFor) as Record<string, string>);
};

export const PINS: Readonly<Record<ToolName, Pin>> = {
  etcd: {
    name: 'etcd',
    version: '3.6.4',
    accepts: { from: '3.6.0', below: '3.7.0' },
    versionArgs: ['--version'],
    published: { linux: etcdArchive('tar.gz'), darwin: etcdArchive('zip') },
    build: { module: moduleFolder('etcd'), package: 'go.etcd.io/etcd/server/v3', ldflags: define({}) },
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kwok: {
    name: 'kwok',
    version: '0.7.0',
    accepts: { from: '0.7.0', below: '0.8.0' },
    versionArgs: ['--version'],
    published: { linux: kwokBinary, darwin: kwokBinary },
    build: {
      module: moduleFolder('kwok'),
      package: 'sigs.k8s.io/kwok/cmd/kwok',
      ldflags: define({ 'sigs.k8s.io/kwok/pkg/consts.Version': 'v0.7.0' }),
    },
  },
  k3d: {
    name: 'k3d',
    version: '5.9.0',
    accepts: { from: '5.8.0', below: '6.0.0' },
    versionArgs: ['version'],
    published: { linux: k3dBinary, darwin: k3dBinary },
  },
  helm: {
    name: 'helm',
    version: '3.22.0',
    accepts: { from: '3.17.0', below: '4.0.0' },
    versionArgs: ['version', '--short'],
    published: { linux: helmArchive, darwin: helmArchive },
    build: { module: moduleFolder('helm'), package: 'helm.sh/helm/v3/cmd/helm', ldflags: helmVersion('3.22.0') },
  },
};

/** Fills the placeholders of a URL or a path. */
export function fillIn(template: string, pin: Pin, { os, arch }: Platform): string {
  return template.replaceAll('{version}', pin.version).replaceAll('{os}', os).replaceAll('{arch}', arch);
}
