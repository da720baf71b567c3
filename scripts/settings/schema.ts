// The one source of the settings' shape: types, validation and the JSON schema all come from here.

import * as z from 'zod';
import { CLUSTER_NAME_MAX, SUBDOMAIN, SUBDOMAIN_MAX } from '../base/names.ts';
import { duration, label, source } from './fields.ts';
import { k3dSettings } from './k3d/schema.ts';
import { settingOptions } from './options.ts';
import { serviceSettings } from './services-schema.ts';

const count = z.number('must be a whole number').int('must be a whole number').min(1, 'must be at least 1');
const args = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({});

const commands = z.array(z.string().min(1)).default([]);

const help = (key: string): string => settingOptions.find((o) => o.key === key)?.help ?? '';
const described = <T extends z.ZodType>(key: string, type: T): T => type.describe(help(key));

const secret = z
  .strictObject({
    name: z
      .string()
      .max(SUBDOMAIN_MAX, `must have at most ${SUBDOMAIN_MAX} characters`)
      .regex(SUBDOMAIN, 'must be labels with dots between'),
    type: z.enum(['Opaque', 'dockerconfigjson', 'tls']).default('Opaque'),
    namespaces: z.array(label()).optional().describe('where it goes; defaults to every namespace'),
    optional: z.boolean().default(false).describe('left out, with a note, where a value is missing'),
    data: z.record(z.string().regex(/^[-._a-zA-Z0-9]+$/, 'must be letters, digits, "-", "_" and "."'), source),
  })
  .describe('a secret, made in every namespace');

/** All settings; every key has a default, so that an empty file is a valid one. */
export const settingsSchema = z.strictObject({
  provider: described('provider', z.enum(['auto', 'k3d', 'embedded', 'existing'])).default('auto'),
  name: described('name', label(CLUSTER_NAME_MAX)).default('dev'),
  context: described('context', z.string().min(1)).optional(),
  agents: described(
    'agents',
    z
      .number('must be a whole number')
      .int('must be a whole number')
      .min(0, 'must be at least 0')
      .max(500, 'must be at most 500'),
  ).optional(),
  sizing: described('sizing', z.enum(['reserved', 'original'])).default('reserved'),
  concurrency: described('concurrency', count.max(256, 'must be at most 256')).optional(),
  namespaces: described('namespaces', z.array(label())).default([]),
  secrets: z.array(secret).default([]),
  resources: z
    .strictObject({
      cluster: z.array(z.string()).default([]).describe('manifest files that are applied once'),
      eachNamespace: z.array(z.string()).default([]).describe('manifest files that are applied in every namespace'),
    })
    .prefault({})
    .describe('core resources'),
  manifests: described('manifests', z.array(z.string())).default([]),
  onConflict: described('onConflict', z.enum(['decide', 'take', 'leave', 'fail'])).default('decide'),
  steps: described('steps', z.string().min(1)).optional(),
  hooks: z
    .strictObject({
      before: commands.describe("shell commands before the run's first step, one after another"),
      after: commands.describe("shell commands after the run's last step, where all went well"),
    })
    .prefault({})
    .describe('commands around a run'),
  ...serviceSettings,
  tuning: described('tuning', z.boolean()).default(true),
  componentArgs: z
    .strictObject({ etcd: args, apiserver: args, controllerManager: args, scheduler: args, kwok: args })
    .prefault({})
    .describe("arguments of the control plane's components, without the leading dashes"),
  timeout: described('timeout', duration).prefault('30m'),
  healthTimeout: described('healthTimeout', duration).prefault('2m'),
  logDir: described('logDir', z.string().min(1)).default('logs'),
  kubeconfig: described('kubeconfig', z.string()).optional(),
  mergeKubeconfig: described('mergeKubeconfig', z.boolean()).default(true),
  switchContext: described('switchContext', z.boolean()).default(true),
  existing: z
    .strictObject({
      allow: z
        .array(
          z
            .string()
            .regex(/^[^\s/]*[a-z0-9][^\s/]*$/i, 'must be a host, "HOST:PORT" or a pattern like "*.dev.example.com"'),
        )
        .default([])
        .describe('servers that may be worked on without being confirmed; those of this machine always may'),
    })
    .prefault({})
    .describe('what only the existing provider uses'),
  embedded: z
    .strictObject({
      webhooks: z
        .boolean()
        .default(false)
        .describe('install webhook configurations although pods are simulated, so that no webhook answers'),
      seed: described('embedded.seed', z.boolean()).default(true),
    })
    .prefault({})
    .describe('what only the embedded provider uses'),
  k3d: k3dSettings,
});

/** The settings of a run, after all sources and defaults. */
export type Settings = z.output<typeof settingsSchema>;
export type SecretSetting = Settings['secrets'][number];
export type ServiceSetting = Settings['services'][number];
export type RepoSetting = Settings['helm']['repos'][number];

/** The JSON schema (2020-12) of a settings file, for editors. */
export function jsonSchema(): object {
  const title = 'Settings of hoist';
  // Files are read as one before they are checked, so that `extends` is no setting.
  const base = z.union([z.string().min(1), z.array(z.string().min(1))]);
  const file = settingsSchema.extend({ extends: base.optional().describe('profiles to build upon, by name or path') });
  return { ...z.toJSONSchema(file, { io: 'input' }), title };
}
