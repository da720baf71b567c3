// All collectors by the key that they stand under in a spec.

import type { Item } from '../types.ts';
import { clusterInfo } from './cluster/cluster-info.ts';
import { clusterResources } from './cluster/cluster-resources.ts';
import { data } from './cluster/data.ts';
import { copy, exec } from './cluster/exec.ts';
import { configMap, secret } from './cluster/keyed.ts';
import { logs } from './cluster/logs.ts';
import { customMetrics } from './cluster/custom-metrics.ts';
import { certificates, helm, nodeMetrics } from './cluster/objects.ts';
import type { Collector } from './collector.ts';
import { clickhouse } from './databases/clickhouse.ts';
import { mssql } from './databases/mssql.ts';
import { mysql } from './databases/mysql.ts';
import { postgres } from './databases/postgres.ts';
import { redis } from './databases/redis.ts';
import { blockDevices, hostRun, hostServices, journald, sysctl, systemPackages, time } from './host/host-commands.ts';
import { cgroups, cpu, hostOS, ipv4Interfaces, kernelConfigs, kernelModules, memory } from './host/facts.ts';
import { certificate, certificatesCollection, diskUsage, hostCopy } from './host/files.ts';
import { filesystemPerformance } from './host/filesystem-performance.ts';
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
import { dns as clusterDns } from './pods/dns.ts';
import { etcd } from './pods/etcd.ts';
import { goldpinger } from './pods/goldpinger.ts';
import { copyFromHost, runDaemonSet, sysctl as nodeSysctl } from './pods/nodes.ts';
import { run, runPod } from './pods/run-pod.ts';
import { hostRegistryImages, registryImages } from './registry-images.ts';
import { s3Status } from './s3-status.ts';

const cluster: Readonly<Record<string, Collector>> = {
  certificates,
  clickhouse,
  clusterInfo,
  clusterResources,
  configMap,
  copy,
  copyFromHost,
  customMetrics,
  data,
  dns: clusterDns,
  etcd,
  exec,
  goldpinger,
  helm,
  http,
  logs,
  mssql,
  mysql,
  nodeMetrics,
  postgres,
  redis,
  registryImages,
  run,
  runDaemonSet,
  runPod,
  s3Status,
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
  filesystemPerformance,
  hostOS,
  hostServices,
  http: hostHttp,
  httpLoadBalancer,
  ipv4Interfaces,
  journald,
  kernelConfigs,
  kernelModules,
  memory,
  registryImages: hostRegistryImages,
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
