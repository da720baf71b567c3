// The keys that each kind of document, collector and analyzer takes, in a short notation that `keySchema` reads.

/** `int` and `bool` name types; `[]` a list, `{…}` a mapping with these keys, `*` one with any; text otherwise. */
type Notation = string;
type Kinds = Readonly<Record<string, Notation>>;

const tls = 'tls{skipVerify:bool secret{name namespace} cacert clientCert clientKey}';
const pull = 'imagePullSecret{name type data*}';
const request = `{url headers* timeout insecureSkipVerify:bool proxy ${tls}}`;
const requestWithBody = `{url headers* body timeout insecureSkipVerify:bool proxy ${tls}}`;
const http = `get${request} post${requestWithBody} put${requestWithBody}`;
const keyed = 'name selector[] namespace key includeValue:bool includeAllData:bool';
const database = `uri parameters[] ${tls}`;
const loadBalancer = 'address port:int timeout';
const status = 'namespace namespaces[] name';
const distributions =
  'ubuntu ubuntu16 ubuntu18 ubuntu20 ubuntu22 ubuntu24 rhel rhel7 rhel8 rhel9 rocky rocky8 rocky9 centos centos7 centos8 centos9 ol ol7 ol8 ol9 amzn amzn2';
const compare = 'collectorName fileName path value';
const nodeAmounts = ['cpu', 'memory', 'pod', 'ephemeralStorage']
  .flatMap((name) => [`${name}Capacity`, `${name}Allocatable`])
  .join(' ');
const text = 'collectorName fileName regex regexGroups ignoreIfNoFiles:bool excludeFiles[]';

export const clusterCollectors: Kinds = {
  clusterInfo: '',
  clusterResources: 'namespaces[] ignoreRBAC:bool',
  secret: keyed,
  configMap: keyed,
  customMetrics: 'metricRequests[]{namespace objectName resourceMetricName}',
  logs: 'name selector[] namespace containerNames[] timestamps:bool limits{maxAge maxLines:int maxBytes:int sinceTime}',
  run: `name namespace image command[] args[] timeout imagePullPolicy serviceAccountName ${pull}`,
  runPod: `name namespace timeout podSpec* annotations* allowImagePullRetries:bool ${pull}`,
  runDaemonSet: `name namespace timeout podSpec* ${pull}`,
  exec: 'name selector[] namespace containerName command[] args[] timeout',
  data: 'name data',
  copy: 'name selector[] namespace containerPath containerName extractArchive:bool timeout',
  copyFromHost: `name namespace image imagePullPolicy timeout hostPath extractArchive:bool ${pull}`,
  http: `name ${http}`,
  postgres: database,
  mssql: database,
  mysql: database,
  redis: database,
  clickhouse: database,
  collectd: `namespace image imagePullPolicy timeout hostPath ${pull}`,
  ceph: 'namespace timeout',
  longhorn: 'namespace timeout',
  registryImages: `images[] namespace ${pull}`,
  sysctl: `name namespace image imagePullPolicy timeout ${pull}`,
  certificates: 'secrets[]{name namespaces[]} configMaps[]{name namespaces[]}',
  helm: 'namespace releaseName collectValues:bool',
  goldpinger: `namespace image serviceAccountName collectDelay podLaunchOptions{namespace image serviceAccountName ${pull}}`,
  sonobuoy: 'namespace',
  nodeMetrics: 'nodeNames[] selector[]',
  dns: 'timeout image nonResolvable',
  etcd: 'image',
  supportBundleMetadata: 'namespace',
  s3Status: 'bucketName region endpoint accessKeyID secretAccessKey usePathStyle:bool insecure:bool',
};

export const hostCollectors: Kinds = {
  cpu: '',
  memory: '',
  tcpLoadBalancer: loadBalancer,
  httpLoadBalancer: `${loadBalancer} path`,
  tcpPortStatus: 'interface port:int',
  udpPortStatus: 'interface port:int',
  kubernetes: '',
  ipv4Interfaces: '',
  subnetAvailable: 'CIDRRangeAlloc desiredCIDR:int',
  diskUsage: 'path',
  http,
  time: '',
  blockDevices: '',
  systemPackages: distributions
    .split(' ')
    .map((name) => `${name}[]`)
    .join(' '),
  kernelModules: '',
  tcpConnect: 'address timeout',
  filesystemPerformance:
    'operationSize:int directory fileSize sync:bool datasync:bool runTime timeout enableBackgroundIOPS:bool backgroundIOPSWarmupSeconds:int backgroundWriteIOPS:int backgroundReadIOPS:int backgroundWriteIOPSJobs:int backgroundReadIOPSJobs:int',
  certificate: 'certificatePath keyPath',
  certificatesCollection: 'paths[]',
  hostServices: '',
  hostOS: '',
  run: 'command args[] outputDir input* env[] inheritEnvs[] ignoreParentEnvs:bool timeout',
  copy: 'path',
  kernelConfigs: '',
  journald: 'system:bool dmesg:bool units[] since until output lines:int reverse:bool utc:bool timeout',
  cgroups: 'mountPoint',
  dns: 'hostnames[]',
  networkNamespaceConnectivity: 'fromCIDR toCIDR timeout port:int',
  sysctl: '',
  registryImages: 'images[] username password',
};

export const clusterAnalyzers: Kinds = {
  clusterVersion: '',
  storageClass: 'storageClassName',
  ingressClass: 'ingressClassName',
  customResourceDefinition: 'customResourceDefinitionName',
  ingress: 'ingressName namespace',
  secret: 'secretName namespace key',
  configMap: 'configMapName namespace key',
  imagePullSecret: 'registryName',
  deploymentStatus: status,
  statefulsetStatus: status,
  jobStatus: status,
  replicasetStatus: `${status} selector[]`,
  clusterPodStatuses: 'namespaces[]',
  clusterContainerStatuses: 'namespaces[] restartCount:int',
  containerRuntime: '',
  distribution: '',
  nodeResources: `ignoreIfNoFiles:bool filters{cpuArchitecture ${nodeAmounts} selector{matchLabel* matchExpressions[]{key operator values[]}} resourceName resourceAllocatable resourceCapacity taint{key value effect timeAdded}}`,
  textAnalyze: text,
  yamlCompare: compare,
  jsonCompare: `${compare} jsonPath`,
  postgres: 'collectorName fileName',
  mssql: 'collectorName fileName',
  mysql: 'collectorName fileName',
  redis: 'collectorName fileName',
  clickhouse: 'collectorName fileName',
  s3Status: 'collectorName fileName',
  cephStatus: 'collectorName namespace',
  velero: '',
  longhorn: 'collectorName namespace',
  registryImages: 'collectorName',
  weaveReport: 'reportFileGlob',
  sysctl: '',
  clusterResource: 'collectorName kind clusterScoped:bool namespace name yamlPath expectedValue regex regexGroups',
  certificates: '',
  goldpinger: 'collectorName filePath',
  event: 'collectorName namespace kind reason regex',
  nodeMetrics: 'collectorName filters{pvc{nameRegex namespace}}',
  http: 'collectorName',
};

export const hostAnalyzers: Kinds = {
  ...Object.fromEntries(
    'cpu memory tcpLoadBalancer httpLoadBalancer tcpPortStatus udpPortStatus http time diskUsage systemPackages kernelModules tcpConnect ipv4Interfaces subnetAvailable filesystemPerformance certificate certificatesCollection hostServices hostOS networkNamespaceConnectivity sysctl registryImages'
      .split(' ')
      .map((kind) => [kind, 'collectorName']),
  ),
  blockDevices: 'collectorName minimumAcceptableSize:int includeUnmountedPartitions:bool additionalDeviceTypes[]',
  subnetContainsIP: 'collectorName cidr ip',
  kernelConfigs: 'collectorName selectedConfigs[]',
  textAnalyze: text,
  jsonCompare: `${compare} jsonPath`,
};

/** Of every collector. `needs` is hoist's own: names of collectors that must have ended before. */
export const collectorMeta: Notation = 'collectorName exclude:bool needs[]';
/** Of every analyzer. */
export const analyzerMeta: Notation =
  'checkName exclude:bool strict:bool annotations* docString outcomes[]{fail{when message uri} warn{when message uri} pass{when message uri}}';

/** Lists of items in a `spec`, by what they hold. */
export type ItemList = 'cluster' | 'host' | 'clusterChecks' | 'hostChecks' | 'remote' | 'redactors';

const upload = '{uri method redactUri}';
const after = `afterCollection[]{uploadResultsTo${upload} callback${upload}}`;

/** What the `spec` of each kind of document holds: lists of items, and keys of other kinds. */
export const documents: Readonly<Record<string, { lists: Readonly<Record<string, ItemList>>; keys: Notation }>> = {
  SupportBundle: {
    lists: {
      collectors: 'cluster',
      hostCollectors: 'host',
      analyzers: 'clusterChecks',
      hostAnalyzers: 'hostChecks',
    },
    keys: `uri runHostCollectorsInPod:bool concurrencyLimit:int ${after}`,
  },
  Preflight: {
    lists: { collectors: 'cluster', remoteCollectors: 'remote', analyzers: 'clusterChecks' },
    keys: 'uri uploadResultsTo',
  },
  HostPreflight: {
    lists: { collectors: 'host', remoteCollectors: 'remote', analyzers: 'hostChecks' },
    keys: 'uri uploadResultsTo',
  },
  Collector: { lists: { collectors: 'cluster', hostCollectors: 'host' }, keys: `uri ${after}` },
  HostCollector: { lists: { collectors: 'host', analyzers: 'hostChecks' }, keys: 'uri' },
  RemoteCollector: { lists: { collectors: 'remote' }, keys: `uri nodeSelector* ${after}` },
  Redactor: { lists: { redactors: 'redactors' }, keys: 'uri' },
  Analyzer: { lists: { analyzers: 'clusterChecks', hostAnalyzers: 'hostChecks' }, keys: 'uri' },
};

export const redactor: Notation =
  'name fileSelector{file files[]} removals{values[] regex[]{selector redactor} yamlPath[]}';
