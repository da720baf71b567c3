// The settings of helm repos and of the services that are released from charts.

import * as z from 'zod';
import { duration, label, source } from './fields.ts';

/** helm itself takes no longer release names. */
const RELEASE_NAME_MAX = 53;

/** Repositories that charts can name without a setting. */
export const knownRepos = [
  { name: 'jetstack', url: 'https://charts.jetstack.io' },
  { name: 'ingress-nginx', url: 'https://kubernetes.github.io/ingress-nginx' },
  { name: 'prometheus-community', url: 'https://prometheus-community.github.io/helm-charts' },
  { name: 'grafana', url: 'https://grafana.github.io/helm-charts' },
  { name: 'bitnami', url: 'https://charts.bitnami.com/bitnami' },
];

const switchable = (what: string): z.ZodDefault<z.ZodBoolean> => z.boolean().default(true).describe(what);

const repo = z.strictObject({
  name: label().describe('what charts call it: NAME/chart'),
  url: z
    .string()
    .regex(/^https?:\/\/[^\s@]+$/, 'must be an http or https address without credentials; those go into "username"'),
  username: source.optional(),
  password: source.optional(),
});

const service = z
  .strictObject({
    name: label(RELEASE_NAME_MAX).describe('name of the service and of its helm release'),
    chart: z.string().min(1).describe('REPO/NAME, oci://HOST/PATH/NAME, or a local folder or archive'),
    version: z
      .string()
      .min(1)
      .optional()
      .describe('of the chart: exact, or a range like "~1.15"; defaults to the newest'),
    namespace: label().default('default'),
    values: z.record(z.string(), z.unknown()).default({}).describe('values of the chart; they win over the files'),
    valuesFiles: z.array(z.string().min(1)).default([]).describe('files with values, a later one wins'),
    valuesFrom: z
      .record(z.string().min(1), source)
      .default({})
      .describe('secret values by their dotted path, like db.password; they win over all others'),
    needs: z
      .array(z.string().min(1))
      .default([])
      .describe('services that must be ready before this one is released, or names of other steps'),
    ready: z
      .strictObject({
        workloads: switchable('all its workloads are rolled out'),
        crds: switchable('all its definitions are established'),
        webhooks: switchable('a ready endpoint stands behind each of its webhooks'),
        url: z
          .string()
          .regex(/^https?:\/\/\S+$/, 'must be an http or https address')
          .optional()
          .describe('an address that answers with a status below 400'),
      })
      .prefault({})
      .describe('what counts as ready'),
    timeout: duration.prefault('5m').describe('longest time of its release, and again until it is ready'),
    atomic: z.boolean().default(false).describe('a release that fails, or does not get ready, is rolled back'),
    implied: switchable('also wait for what its objects need of other services'),
  })
  .describe('a chart that is released on the cluster');

/** Settings of this part, to be spread into the others. */
export const serviceSettings = {
  helm: z
    .strictObject({
      repos: z
        .array(repo)
        .default(knownRepos)
        .describe('chart repositories; the default ones stay known beside others'),
      implied: switchable('find out what services need of each other, and release them in that order'),
      plainHttp: z
        .array(z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, 'must be a host or "HOST:PORT"'))
        .default([])
        .describe('OCI registries that are asked without TLS; those of this machine always are'),
      stuck: z
        .enum(['fail', 'rollback', 'continue'])
        .default('fail')
        .describe('what to do with a release that an earlier helm left in a pending state'),
    })
    .prefault({})
    .describe('what concerns all services'),
  services: z.array(service).prefault([]),
};
