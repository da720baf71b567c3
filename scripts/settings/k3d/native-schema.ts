// The shape of k3d's own config files, `apiVersion: k3d.io/v1alpha5`, as k3d's schema has it.

import * as z from 'zod';

const text = z.string('must be text');
const flag = z.boolean('must be true or false');
const count = (least: number): z.ZodNumber =>
  z.number('must be a whole number').int('must be a whole number').min(least, `must be at least ${least}`);
const filters = { nodeFilters: z.array(text).default([]) };

export const nativeSchema = z.strictObject({
  apiVersion: z.literal('k3d.io/v1alpha5', 'must be "k3d.io/v1alpha5"; see `k3d config migrate` for older ones'),
  kind: z.literal('Simple', 'must be "Simple"'),
  metadata: z.strictObject({ name: text.optional() }).optional(),
  servers: count(1).optional(),
  agents: count(0).optional(),
  kubeAPI: z.strictObject({ host: text.optional(), hostIP: text.optional(), hostPort: text.optional() }).optional(),
  image: text.optional(),
  network: text.optional(),
  subnet: text.optional(),
  token: text.optional(),
  volumes: z.array(z.strictObject({ volume: text, ...filters })).optional(),
  ports: z.array(z.strictObject({ port: text, ...filters })).optional(),
  files: z
    .array(z.strictObject({ source: text, destination: text, description: text.optional(), ...filters }))
    .optional(),
  options: z
    .strictObject({
      k3d: z
        .strictObject({
          wait: flag.optional(),
          timeout: z.union([text, z.number()]).optional(),
          disableLoadbalancer: flag.optional(),
          disableImageVolume: flag.optional(),
          disableRollback: flag.optional(),
          loadbalancer: z.strictObject({ configOverrides: z.array(text).optional() }).optional(),
        })
        .optional(),
      k3s: z
        .strictObject({
          extraArgs: z.array(z.strictObject({ arg: text, ...filters })).optional(),
          nodeLabels: z.array(z.strictObject({ label: text, ...filters })).optional(),
        })
        .optional(),
      kubeconfig: z
        .strictObject({ updateDefaultKubeconfig: flag.optional(), switchCurrentContext: flag.optional() })
        .optional(),
      runtime: z
        .strictObject({
          gpuRequest: text.optional(),
          serversMemory: text.optional(),
          agentsMemory: text.optional(),
          hostPidMode: flag.optional(),
          labels: z.array(z.strictObject({ label: text, ...filters })).optional(),
          ulimits: z.array(z.strictObject({ name: text, soft: z.number(), hard: z.number() })).optional(),
        })
        .optional(),
    })
    .optional(),
  env: z.array(z.strictObject({ envVar: text, ...filters })).optional(),
  registries: z
    .strictObject({
      create: z
        .strictObject({
          name: text.optional(),
          host: text.optional(),
          hostPort: text.optional(),
          image: text.optional(),
          proxy: z
            .strictObject({ remoteURL: text.optional(), username: text.optional(), password: text.optional() })
            .optional(),
          volumes: z.array(text).optional(),
          enforcePortMatch: flag.optional(),
        })
        .optional(),
      use: z.array(text).optional(),
      config: text.optional(),
    })
    .optional(),
  hostAliases: z.array(z.strictObject({ ip: text, hostnames: z.array(text) })).optional(),
});

export type NativeTree = z.output<typeof nativeSchema>;
