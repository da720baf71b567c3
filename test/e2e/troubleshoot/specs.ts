// The specs that both programs run: all collectors and checks that need no images, in good and in bad cases.

export interface Compared {
  name: string;
  /** Below `spec:`. */
  body: string;
}

/** @param port of a server on loopback that answers `{"ok":true}`; @param folder that has `a.txt` */
export function comparedSpecs({ port, folder }: { port: number; folder: string }): Compared[] {
  return [
    { name: 'cluster', body: CLUSTER },
    { name: 'one namespace', body: '  collectors:\n    - clusterResources: {namespaces: [web]}\n' },
    { name: 'keyed', body: KEYED },
    { name: 'logs', body: LOGS },
    { name: 'services', body: services(port) },
    { name: 'cluster checks', body: CHECKS },
    { name: 'host', body: host(port, folder) },
    { name: 'host checks', body: hostChecks(port) },
  ];
}

const ALONE = '    - clusterResources: {namespaces: [quiet]}\n';

const CLUSTER = `  collectors:
    - clusterInfo: {}
    - clusterResources: {}
`;

const KEYED = `  collectors:
${ALONE}    - secret: {namespace: web, name: db}
    - secret: {namespace: web, name: db, key: user}
    - secret: {namespace: web, name: db, key: absent}
    - secret: {namespace: web, name: plain, key: colour, includeValue: true}
    - secret: {namespace: web, name: absent, key: x}
    - secret: {namespace: web, selector: [app=web], key: user}
    - secret: {namespace: web, selector: [app=nobody]}
    - configMap: {namespace: web, name: settings}
    - configMap: {namespace: web, name: settings, key: colour, includeValue: true}
    - configMap: {namespace: web, name: settings, key: absent}
    - configMap: {namespace: web, name: more, includeAllData: true}
    - configMap: {namespace: web, name: absent}
    - configMap: {namespace: web, selector: [app=web], key: colour, includeValue: true}
    - configMap: {namespace: web, selector: [app=nobody]}
    - data: {name: notes, collectorName: a.txt, data: "some words"}
    - data: {name: notes/deeper, collectorName: b.json, data: '{"a": 1}'}
    - data: {collectorName: bare.txt, data: "no folder"}
    - certificates: {secrets: [{name: tls, namespaces: [web]}, {name: absent, namespaces: [web]}], configMaps: [{name: absent, namespaces: [web]}]}
    - helm: {}
    - helm: {namespace: web}
    - customMetrics: {metricRequests: [{namespace: web, resourceMetricName: pods/requests}]}
    - exec: {name: nobody, namespace: web, selector: [app=nobody], command: [ls]}
    - copy: {name: nobody, namespace: web, selector: [app=nobody], containerPath: /etc/hosts, containerName: c}
`;

const LOGS = `  collectors:
${ALONE}    - logs: {name: all, namespace: logs}
    - logs: {name: some, namespace: logs, selector: [app=web], containerNames: [main]}
    - logs: {name: nobody, namespace: logs, selector: [app=nobody]}
    - logs: {name: short, namespace: short, limits: {maxLines: 2}}
    - logs: {name: deep/er, collectorName: named, namespace: short, selector: [app=web]}
    - logs: {selector: [app=web], namespace: short}
`;

const services = (port: number): string => `  collectors:
${ALONE}    - http: {name: good, get: {url: "http://127.0.0.1:${port}/"}}
    - http: {name: posted, collectorName: p, post: {url: "http://127.0.0.1:${port}/x", body: "{}", headers: {Content-Type: application/json}}}
    - http: {collectorName: refused, get: {url: "http://127.0.0.1:1/"}}
    - postgres: {collectorName: pg, uri: "postgresql://ann@127.0.0.1:1/db"}
    - mysql: {collectorName: my, uri: "ann@tcp(127.0.0.1:1)/db"}
    - redis: {uri: "redis://127.0.0.1:1"}
    - clickhouse: {collectorName: ch, uri: "clickhouse://127.0.0.1:1/db"}
    - s3Status: {collectorName: s3, bucketName: b, endpoint: "http://127.0.0.1:1", region: us-east-1, accessKeyID: a, secretAccessKey: b, usePathStyle: true}
    - registryImages: {collectorName: images, namespace: web, images: ["127.0.0.1:1/a:1"]}
    - nodeMetrics: {}
  analyzers:
    - postgres: {collectorName: pg, outcomes: [{fail: {when: "connected == false", message: pg is away}}, {pass: {message: pg}}]}
    - mysql: {collectorName: my, outcomes: [{fail: {when: "connected == false", message: my is away}}, {pass: {message: my}}]}
    - redis: {collectorName: redis, outcomes: [{fail: {when: "connected == false", message: redis is away}}, {pass: {message: redis}}]}
    - registryImages: {collectorName: images, outcomes: [{fail: {when: "errors > 0", message: images}}, {pass: {message: images are there}}]}
`;

const outcomes = (when: string, pass = 'fine'): string =>
  `outcomes: [{fail: {when: "${when}", message: bad}}, {pass: {message: ${pass}}}]`;

const CHECKS = `  collectors:
    - clusterResources: {namespaces: [web, quiet]}
    - secret: {namespace: web, name: db, key: user}
    - configMap: {namespace: web, name: settings, key: colour, includeValue: true}
    - data: {name: facts, collectorName: a.json, data: '{"a": {"b": [1, 2]}, "s": "x"}'}
    - data: {name: facts, collectorName: a.yaml, data: "a: {b: two}"}
    - data: {name: facts, collectorName: a.log, data: "INFO started\\nversion 1.2.3 of 7 parts\\n"}
  analyzers:
    - clusterVersion: {${outcomes('< 1.20.0')}}
    - clusterVersion: {checkName: too old, ${outcomes('>= 1.20.0')}}
    - clusterVersion: {checkName: ranges, outcomes: [{fail: {when: "< 1.2.0 || > 99.0.0", message: bad}}, {warn: {when: "1.x", message: one}}, {pass: {message: fine}}]}
    - storageClass: {storageClassName: fast, outcomes: [{fail: {message: no fast}}, {pass: {message: fast}}]}
    - storageClass: {storageClassName: absent, outcomes: [{fail: {message: no class}}, {pass: {message: class}}]}
    - ingressClass: {ingressClassName: absent, outcomes: [{fail: {message: no ingress class}}, {pass: {message: ic}}]}
    - customResourceDefinition: {customResourceDefinitionName: widgets.example.com, outcomes: [{fail: {message: no widgets}}, {pass: {message: widgets}}]}
    - customResourceDefinition: {customResourceDefinitionName: absent.example.com, outcomes: [{fail: {message: absent crd}}, {pass: {message: crd}}]}
    - ingress: {namespace: web, ingressName: front, outcomes: [{fail: {message: no front}}, {pass: {message: front}}]}
    - ingress: {namespace: web, ingressName: absent, outcomes: [{fail: {message: no ingress}}, {pass: {message: ing}}]}
    - secret: {checkName: user, namespace: web, secretName: db, key: user, outcomes: [{fail: {message: no user}}, {pass: {message: user}}]}
    - configMap: {checkName: colour, namespace: web, configMapName: settings, key: colour, outcomes: [{fail: {message: no colour}}, {pass: {message: colour}}]}
    - imagePullSecret: {checkName: pulls, registryName: quay.io, outcomes: [{fail: {message: no login}}, {pass: {message: login}}]}
    - deploymentStatus: {namespace: web, name: front, outcomes: [{fail: {when: "< 1", message: not ready}}, {pass: {message: ready}}]}
    - deploymentStatus: {namespace: web, name: absent, outcomes: [{fail: {when: absent, message: gone}}, {pass: {message: ready}}]}
    - statefulsetStatus: {namespace: web, name: base, outcomes: [{fail: {when: "= 0", message: none}}, {warn: {when: "< 2", message: few}}, {pass: {message: ready}}]}
    - jobStatus: {namespace: web, name: once, outcomes: [{fail: {when: "succeeded = 0", message: none}}, {pass: {message: done}}]}
    - replicasetStatus: {namespace: web, selector: [app=front], outcomes: [{pass: {when: ">= 1", message: some}}, {fail: {message: none}}]}
    - clusterPodStatuses: {namespaces: [web], outcomes: [{fail: {when: "!= Healthy", message: "{{ .Namespace }}/{{ .Name }} is {{ .Status.Reason }}"}}]}
    - clusterContainerStatuses: {namespaces: [web], outcomes: [{fail: {when: "== CrashLoopBackOff", message: loops}}, {pass: {message: none loops}}]}
    - containerRuntime: {outcomes: [{pass: {when: "== containerd", message: containerd}}, {fail: {message: another}}]}
    - distribution: {outcomes: [{pass: {when: "== eks", message: eks}}, {warn: {message: unknown}}]}
    - nodeResources: {checkName: count, ${outcomes('count() < 1')}}
    - nodeResources: {checkName: cpus, ${outcomes('sum(cpuCapacity) < 1')}}
    - nodeResources: {checkName: memory, ${outcomes('min(memoryAllocatable) < 1Gi')}}
    - nodeResources: {checkName: much memory, ${outcomes('max(memoryCapacity) < 9000Gi')}}
    - nodeResources: {checkName: filtered, filters: {cpuCapacity: "1000"}, outcomes: [{fail: {when: "count() < 1", message: "none of {{ .NodeCount }}"}}, {pass: {message: fine}}]}
    - textAnalyze: {checkName: text, collectorName: facts, fileName: facts/a.log, regex: "started", outcomes: [{pass: {when: "true", message: started}}, {fail: {when: "false", message: not started}}]}
    - textAnalyze: {checkName: groups, collectorName: facts, fileName: facts/a.log, regexGroups: "version (?P<Major>\\\\d+)\\\\.(?P<Minor>\\\\d+)", outcomes: [{fail: {when: "Major < 1", message: old}}, {pass: {when: "Major >= 1", message: "major {{ .Major }}"}}]}
    - textAnalyze: {checkName: no file, collectorName: facts, fileName: facts/absent.log, regex: "x", outcomes: [{pass: {when: "true", message: there}}, {fail: {when: "false", message: not there}}]}
    - jsonCompare: {checkName: json, fileName: facts/a.json, path: "a.b.[0]", value: "1", outcomes: [{fail: {when: "false", message: differs}}, {pass: {when: "true", message: same}}]}
    - jsonCompare: {checkName: jsonpath, fileName: facts/a.json, jsonPath: "{.s}", value: '"y"', outcomes: [{fail: {when: "false", message: differs}}, {pass: {when: "true", message: same}}]}
    - yamlCompare: {checkName: yaml, fileName: facts/a.yaml, path: "a.b", value: two, outcomes: [{fail: {when: "false", message: differs}}, {pass: {when: "true", message: same}}]}
    - clusterResource: {checkName: resource, kind: configmap, namespace: web, name: settings, yamlPath: data.colour, expectedValue: blue, outcomes: [{fail: {when: "false", message: not blue}}, {pass: {when: "true", message: blue}}]}
    - event: {checkName: events, collectorName: x, namespace: web, reason: Nothing, outcomes: [{fail: {when: "true", message: seen}}, {pass: {when: "false", message: unseen}}]}
`;

const host = (port: number, folder: string): string => `  hostCollectors:
    - cpu: {}
    - memory: {}
    - time: {}
    - hostOS: {}
    - ipv4Interfaces: {}
    - diskUsage: {path: /}
    - diskUsage: {collectorName: deep, path: ${folder}/not/there}
    - blockDevices: {}
    - kernelModules: {}
    - kernelConfigs: {}
    - hostServices: {}
    - cgroups: {mountPoint: /sys/fs/cgroup}
    - sysctl: {}
    - systemPackages: {collectorName: pkgs, ubuntu: [bash, no-such-package]}
    - subnetAvailable: {CIDRRangeAlloc: 10.0.0.0/8, desiredCIDR: 22}
    - tcpConnect: {address: "127.0.0.1:${port}"}
    - tcpConnect: {collectorName: refused, address: "127.0.0.1:1"}
    - tcpPortStatus: {collectorName: used, port: ${port}}
    - udpPortStatus: {collectorName: udp, port: 45121}
    - http: {collectorName: web, get: {url: "http://127.0.0.1:${port}/"}}
    - http: {collectorName: web-refused, get: {url: "http://127.0.0.1:1/"}}
    - run: {collectorName: words, command: echo, args: [some, words]}
    - run: {collectorName: fails, command: sh, args: ["-c", "echo careful >&2; exit 3"]}
    - run: {collectorName: output, command: sh, args: ["-c", "echo out > $TS_OUTPUT_DIR/o.txt; cat $TS_INPUT_DIR/i.txt"], outputDir: results, input: {i.txt: given}}
    - run: {collectorName: absent, command: no-such-command-at-all}
    - copy: {collectorName: copied, path: ${folder}/a.txt}
    - copy: {collectorName: nothing, path: ${folder}/absent*}
    - certificate: {collectorName: pair, certificatePath: ${folder}/tls.crt, keyPath: ${folder}/tls.key}
    - certificate: {collectorName: no-pair, certificatePath: ${folder}/absent.crt, keyPath: ${folder}/tls.key}
    - certificatesCollection: {paths: ["${folder}/tls.crt", "${folder}/absent.crt"]}
`;

const hostChecks = (port: number): string => `  hostCollectors:
    - cpu: {}
    - memory: {}
    - time: {}
    - hostOS: {}
    - ipv4Interfaces: {}
    - diskUsage: {collectorName: root, path: /}
    - tcpPortStatus: {collectorName: used, port: ${port}}
    - tcpPortStatus: {collectorName: free, port: 45122}
    - tcpConnect: {collectorName: reached, address: "127.0.0.1:${port}"}
    - tcpConnect: {collectorName: refused, address: "127.0.0.1:1"}
    - http: {collectorName: web, get: {url: "http://127.0.0.1:${port}/"}}
    - http: {collectorName: web-refused, get: {url: "http://127.0.0.1:1/"}}
    - subnetAvailable: {collectorName: net, CIDRRangeAlloc: 10.0.0.0/8, desiredCIDR: 22}
    - sysctl: {}
    - run: {collectorName: words, command: echo, args: ["answer=42"]}
    - run: {collectorName: facts, command: echo, args: ['{"a": {"b": 1}}']}
  hostAnalyzers:
    - cpu: {${outcomes('count < 1')}}
    - cpu: {checkName: many, ${outcomes('count < 1000')}}
    - memory: {${outcomes('< 1Mi')}}
    - memory: {checkName: much, ${outcomes('< 9000Gi')}}
    - time: {outcomes: [{fail: {when: "ntp == unsynchronized+inactive", message: no ntp}}, {warn: {when: "ntp == unsynchronized+active", message: later}}, {pass: {when: "timezone == UTC", message: utc}}, {pass: {message: fine}}]}
    - hostOS: {outcomes: [{fail: {when: "kernelVersion < 2.0", message: old}}, {pass: {message: fine}}]}
    - ipv4Interfaces: {${outcomes('count < 0')}}
    - diskUsage: {collectorName: root, ${outcomes('total < 1Mi')}}
    - diskUsage: {checkName: share, collectorName: root, ${outcomes('used/total > 0%')}}
    - diskUsage: {checkName: left, collectorName: root, ${outcomes('available < 9000Gi')}}
    - tcpPortStatus: {collectorName: used, outcomes: [{fail: {when: "address-in-use", message: in use}}, {pass: {when: connected, message: free}}, {fail: {message: unexpected}}]}
    - tcpPortStatus: {checkName: free, collectorName: free, outcomes: [{fail: {when: "address-in-use", message: in use}}, {pass: {when: connected, message: free}}, {fail: {message: unexpected}}]}
    - tcpConnect: {collectorName: reached, outcomes: [{fail: {when: "connection-refused", message: refused}}, {pass: {when: connected, message: connected}}]}
    - tcpConnect: {checkName: refused, collectorName: refused, outcomes: [{fail: {when: "connection-refused", message: refused}}, {pass: {when: connected, message: connected}}]}
    - http: {collectorName: web, outcomes: [{fail: {when: error, message: away}}, {pass: {when: "statusCode == 200", message: ok}}]}
    - http: {checkName: away, collectorName: web-refused, outcomes: [{fail: {when: error, message: away}}, {pass: {when: "statusCode == 200", message: ok}}]}
    - subnetAvailable: {collectorName: net, outcomes: [{fail: {when: no-subnet-available, message: none}}, {pass: {when: a-subnet-is-available, message: one}}]}
    - sysctl: {outcomes: [{fail: {when: "net.ipv4.ip_forward = 7", message: seven}}, {pass: {message: not seven}}]}
    - textAnalyze: {checkName: words, fileName: host-collectors/run-host/words.txt, regex: "answer=\\\\d+", outcomes: [{pass: {when: "true", message: answered}}, {fail: {when: "false", message: silent}}]}
    - jsonCompare: {checkName: json, fileName: host-collectors/run-host/facts.txt, path: "a.b", value: "1", outcomes: [{fail: {when: "false", message: differs}}, {pass: {when: "true", message: same}}]}
`;
