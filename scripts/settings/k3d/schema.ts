// The settings that only the k3d provider uses.

import * as z from 'zod';
import { bytes } from '../fields.ts';
import { settingOptions } from '../options.ts';

/** Registries whose images nodes get through caches of their own. */
export const CACHED_REGISTRIES = ['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io'];

const help = (key: string): string => settingOptions.find((o) => o.key === key)?.help ?? '';
const described = <T extends z.ZodType>(key: string, type: T): T => type.describe(help(key));
const count = z.number('must be a whole number').int('must be a whole number').min(1, 'must be at least 1');
const cpus = z.number('must be a number of CPUs').positive('must be more than 0');

const argument = z.strictObject({
  arg: z.string().startsWith('-', 'must be a flag of k3s, like "--disable=traefik"'),
  nodes: z.array(z.string().min(1)).default(['server:*']).describe('k3d\'s node filters, like "agent:0"'),
});

export const k3dSettings = z
  .strictObject({
    image: described('k3d.image', z.string().min(1)).optional(),
    config: described('k3d.config', z.string().min(1)).optional(),
    servers: count.max(9, 'must be at most 9').default(1).describe('server nodes'),
    apiPort: z
      .string()
      .regex(/^(\S+:)?(\d{1,5}|random)$/, 'must be "[HOST:]PORT", the port may be "random"')
      .optional()
      .describe('where the API is published on the machine of the engine'),
    loadBalancer: z
      .union([z.literal('auto'), z.boolean()], 'must be "auto", true or false')
      .default('auto')
      .describe("k3d's load balancer; it costs 6 s, so that auto takes it only for several servers or such ports"),
    ports: z.array(z.string().min(1)).default([]).describe('"[HOST:]HOSTPORT:CONTAINERPORT[@FILTER]"'),
    volumes: z
      .array(z.string().min(1))
      .default([])
      .describe('"SOURCE:DEST[@FILTER]", a path is one of the engine\'s machine'),
    network: z.string().min(1).optional().describe('an existing Docker network to put the nodes into'),
    subnet: z.string().min(1).optional().describe('addresses of the network that is made, like 172.28.0.0/16'),
    k3sArgs: z.array(argument).default([]).describe('arguments of k3s; checked against its version first'),
    disable: z.array(z.string().min(1)).default([]).describe("packaged parts of k3s to leave out, like 'traefik'"),
    caches: described('k3d.caches', z.boolean()).default(true),
    loadImages: described('k3d.loadImages', z.boolean()).default(true),
    cachedRegistries: z
      .array(z.string().regex(/^[a-z0-9.:-]+(=https?:\/\/\S+)?$/i, 'must be "REGISTRY" or "REGISTRY=URL"'))
      .default(CACHED_REGISTRIES)
      .describe('registries that get a pull-through cache, shared by all clusters'),
    registries: z
      .string()
      .min(1)
      .optional()
      .describe('own registries.yaml for the nodes, to which the caches are added'),
    maxParallelImagePulls: count.optional().describe('images that a kubelet pulls at once; k3s 1.32.1 or later'),
    caCertificates: z.string().min(1).optional().describe('PEM file of authorities that the nodes trust as well'),
    resourceOptimization: described('k3d.resourceOptimization', z.boolean()).default(true),
    memoryLimitServer: described('k3d.memoryLimitServer', bytes).optional(),
    memoryLimitAgent: described('k3d.memoryLimitAgent', bytes).optional(),
    cpuLimitServer: described('k3d.cpuLimitServer', cpus).optional(),
    cpuLimitAgent: described('k3d.cpuLimitAgent', cpus).optional(),
    concurrentDownloads: described('k3d.concurrentDownloads', count).optional(),
  })
  .prefault({})
  .describe('what only the k3d provider uses');
