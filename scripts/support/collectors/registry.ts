// All collectors by the key that they stand under in a spec.

import type { Item } from '../types.ts';
import { clusterInfo } from './cluster/cluster-info.ts';
import { clusterResources } from './cluster/cluster-resources.ts';
import { data } from './cluster/data.ts';
import { copy, exec } from './cluster/exec.ts';
import { configMap, secret } from './cluster/keyed.ts';
import { logs } from './cluster/logs.ts';
import { certificates, helm, nodeMetrics } from './cluster/objects.ts';
import type { Collector } from './collector.ts';
import { blockDevices, hostRun, hostServices, journald, sysctl, systemPackages, time } from './host/commands.ts';
import { cgroups, cpu, hostOS, ipv4Interfaces, kernelConfigs, kernelModules, memory } from './host/facts.ts';
import { certificate, certificatesCollection, diskUsage, hostCopy } from './host/files.ts';
import {
  dns,
  httpLoadBalancer,
  subnetAvailable,
  tcpConnect,
  tcpLoadBalancer,
  tcpPortStatus,
  udpPortStatus,
} from './host/network.ts';
import { hostHttp, http } from './http-request.ts';
import { copyFromHost, runDaemonSet, sysctl as nodeSysctl } from './pods/nodes.ts';
import { run, runPod } from './pods/run-pod.ts';

const cluster: Readonly<Record<string, Collector>> = {
  certificates,
  clusterInfo,
  clusterResources,
  configMap,
  copy,
  copyFromHost,
  data,
  exec,
  helm,
  http,
  logs,
  nodeMetrics,
  run,
  runDaemonSet,
  runPod,
  secret,
  sysctl: nodeSysctl,
};

const host: Readonly<Record<string, Collector>> = {
  blockDevices,
  certificate,
  certificatesCollection,
  cgroups,
  copy: hostCopy,
  cpu,
  diskUsage,
  dns,
  hostOS,
  hostServices,
  http: hostHttp,
  httpLoadBalancer,
  ipv4Interfaces,
  journald,
  kernelConfigs,
  kernelModules,
  memory,
  run: hostRun,
  subnetAvailable,
  sysctl,
  systemPackages,
  tcpConnect,
  tcpLoadBalancer,
  tcpPortStatus,
  time,
  udpPortStatus,
};

/** undefined for what is not supported, or not known at all. */
export function collectorOf({ kind, host: ofHost }: Item): Collector | undefined {
  const table = ofHost ? host : cluster;
  return Object.hasOwn(table, kind) ? table[kind] : undefined;
}
