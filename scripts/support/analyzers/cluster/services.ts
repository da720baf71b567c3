// Checks of what collectors asked of other services: databases, HTTP servers, registries, certificates, kernels, events.

import { GoRegExp } from '../../../base/go-regexp.ts';
import {
  BadCheck,
  MissingFile,
  number,
  record,
  string,
  text,
  type Check,
  type Files,
  type Spec,
  type CheckVerdict,
} from '../base/check.ts';
import { compareCount, holds, operator, words } from '../base/compare.ts';
import { firstOf, goBool, noMatch, outcomesOf, verdictOf } from '../base/outcomes.ts';
import { render } from '../base/template.ts';
import { inRange } from '../base/versions.ts';

/** `connected == true`, `version >= 10.x` of a database's collector. */
export function database(kind: string, title: string): Check {
  return {
    title: (spec) => text(spec, 'collectorName') || title,
    icon: { key: `kubernetes_${kind}_analyze`, file: `${kind}-analyze.svg` },
    collectors: [kind],
    async run(spec, files) {
      const name = text(spec, 'fileName') || `${text(spec, 'collectorName') || kind}.json`;
      const result = record(await files.json(`${kind}/${name}`));
      const connected = result['isConnected'] === true;
      const error = string(result['error']);
      return [
        firstOf(outcomesOf(spec), {
          holds(when) {
            const [subject, sign = '', wanted = ''] = words(when, 3);
            if (subject === 'connected') return holds(operator(sign), goBool(wanted) === connected ? 0 : 1);
            if (subject !== 'version') throw new BadCheck(`"${when}" is about neither connected nor version`);
            const zero = (version: string): string => version.replaceAll('x', '0');
            return (
              string(result['version']) !== '' && inRange(zero(string(result['version'])), `${sign} ${zero(wanted)}`)
            );
          },
          found: connected ? `version ${string(result['version'])}` : `no connection${error && `: ${error}`}`,
          message: ({ outcome, message }) => (outcome === 'fail' && error !== '' ? `${message} ${error}` : message),
        }),
      ];
    },
  };
}

/** Whether an expression of an HTTP result holds: `error`, `statusCode == 200 && …`. */
export function httpHolds(when: string, result: Readonly<Record<string, unknown>>): boolean {
  const response = record(result['response']);
  if (when === 'error') return result['error'] !== undefined && result['error'] !== null;
  if (result['response'] === undefined || result['response'] === null) return false;
  return when.split('||').some((all) =>
    all.split('&&').every((part) => {
      const match = /^\s*\(*\s*(statusCode)\s*(===?|=|!==?|<=|>=|<|>)\s*(\d+)\s*\)*\s*$/.exec(part);
      if (!match) throw new BadCheck(`"${when}" is neither error nor an expression of statusCode`);
      return compareCount(number(response['status']), match[2] ?? '', match[3] ?? '');
    }),
  );
}

export function httpFound(result: Readonly<Record<string, unknown>>): string {
  const error = record(result['error']);
  return result['error'] === undefined
    ? `status ${number(record(result['response'])['status'])}`
    : `an error: ${string(error['message'])}`;
}

export const http: Check = {
  title: (spec) => text(spec, 'collectorName') || 'http',
  collectors: ['http'],
  async run(spec, files) {
    const name = text(spec, 'collectorName') || 'result';
    // The folder is the collector's name, the file its collectorName.
    const [path = `${name}/result.json`] = [...files.matching(`{${name}.json,*/${name}.json,${name}/*.json}`)];
    const result = record(await files.json(path));
    return [firstOf(outcomesOf(spec), { holds: (when) => httpHolds(when, result), found: httpFound(result) })];
  },
};

/** `verified|missing|errors op N` of a collector's images. */
export function imagesVerdict(spec: Spec, result: Readonly<Record<string, unknown>>): CheckVerdict {
  const images = Object.entries(record(result['images'])).map(([image, value]) => ({ image, ...record(value) }));
  const withError = images.filter((image) => 'error' in image && string(image.error) !== '');
  const present = images.filter((image) => !withError.includes(image) && 'exists' in image && image.exists === true);
  const missing = images.filter((image) => !withError.includes(image) && !present.includes(image));
  const counts: Readonly<Record<string, { image: string }[]>> = { verified: present, missing, errors: withError };
  return firstOf(outcomesOf(spec), {
    holds(when) {
      const [subject = '', sign = '', wanted = ''] = words(when, 3);
      const list = Object.hasOwn(counts, subject) ? counts[subject] : undefined;
      if (!list) throw new BadCheck(`"${subject}" is none of verified, missing, errors`);
      return compareCount(list.length, sign, wanted);
    },
    found: `${present.length} verified, ${missing.length} missing, ${withError.length} errors`,
    message: ({ message }) =>
      render(message, {
        VerifiedCount: present.length,
        MissingCount: missing.length,
        ErrorsCount: withError.length,
        Verified: present.map(({ image }) => image),
        Missing: missing.map(({ image }) => image),
        Errors: withError.map(({ image }) => image),
      }),
  });
}

export const registryImages: Check = {
  title: (spec) => text(spec, 'collectorName') || 'Registry Images',
  icon: { key: 'kubernetes_registry_analyze', file: 'registry-analyze.svg' },
  collectors: ['registryImages'],
  run: async (spec, files) => [
    imagesVerdict(spec, record(await files.json(`registry/${text(spec, 'collectorName') || 'images'}.json`))),
  ],
};

/** Lines `/proc/sys/a/b = value` of each node. */
export const sysctl: Check = {
  title: () => 'Sysctl',
  collectors: ['sysctl'],
  async run(spec, files) {
    const paths = files.matching('sysctl/*');
    if (paths.length === 0) throw new MissingFile('sysctl/*');
    const nodes = await Promise.all(
      paths.map(async (path) => ({ node: path.slice('sysctl/'.length), values: sysctlValues(await files.text(path)) })),
    );
    const outcomes = outcomesOf(spec);
    for (const outcome of outcomes) {
      if (outcome.when === '') return [verdictOf(outcome, outcome.message)];
      const found = nodes.filter(({ values }) => sysctlHolds(outcome.when, values)).map(({ node }) => node);
      if (found.length > 0)
        return [verdictOf(outcome, `Node${found.length > 1 ? 's' : ''} ${found.join(', ')}: ${outcome.message}`)];
    }
    return [noMatch(outcomes, `${nodes.length} nodes`)];
  },
};

function sysctlValues(lines: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, key = '', value = ''] of lines.matchAll(/^(\S+)\s=\s(.+)$/gm)) {
    values.set(key.replace(/^\/proc\/sys\//, '').replaceAll('/', '.'), value.trim());
  }
  return values;
}

export function sysctlHolds(when: string, values: ReadonlyMap<string, string>): boolean {
  const [, key = '', sign = '', wanted = ''] = /^(\S+)\s+([<>=]=*)\s+(.+)$/.exec(when) ?? [];
  if (key === '') throw new BadCheck(`"${when}" is nothing like net.ipv4.ip_forward = 1`);
  const actual = values.get(key);
  if (actual === undefined) return false;
  const op = operator(sign);
  if (op === '=') return actual === wanted.trim();
  if (!/^-?\d+$/.test(actual) || !/^-?\d+$/.test(wanted.trim()))
    throw new BadCheck(`"${actual}" and "${wanted}" are not both numbers`);
  return holds(op, Number(actual) - Number(wanted));
}

export const certificates: Check = {
  title: () => 'Certificates Verification',
  collectors: ['certificates'],
  async run(spec, files) {
    const list = await files.json('certificates/certificates.json');
    const outcomes = outcomesOf(spec);
    const verdicts: CheckVerdict[] = [];
    for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
      const source = record(record(entry)['source']);
      const chain = record(entry)['certificateChain'];
      for (const certificate of Array.isArray(chain) ? (chain as unknown[]).map(record) : []) {
        verdicts.push(certificateVerdict(outcomes, certificate, { source: sourceOf(source), nowMs: files.nowMs }));
      }
    }
    return verdicts.length > 0 ? verdicts : [noMatch(outcomes, 'no certificates')];
  },
};

function sourceOf(source: Readonly<Record<string, unknown>>): string {
  const configMap = string(source['configMap']);
  const kind = configMap === '' ? 'secret' : 'configmap';
  return `obtained from ${configMap || string(source['secret'])} ${kind} within ${string(source['namespace'])} namespace`;
}

function certificateVerdict(
  outcomes: ReturnType<typeof outcomesOf>,
  certificate: Readonly<Record<string, unknown>>,
  { source, nowMs }: { source: string; nowMs: number },
): CheckVerdict {
  const name = string(certificate['certificate']);
  const valid = certificate['isValid'] === true;
  const notAfterMs = Date.parse(string(certificate['notAfter']));
  const days = (when: string): number | undefined => {
    const match = /notAfter\s*<\s*Today\s*\+\s*(\d+)\s*days/i.exec(when);
    return match ? Number(match[1]) : undefined;
  };
  const wanted = valid ? ['warn', 'pass'] : ['fail'];
  for (const kind of wanted) {
    for (const outcome of outcomes.filter((one) => one.outcome === kind)) {
      const limit = days(outcome.when);
      if (kind === 'warn' && (limit === undefined || !(notAfterMs < nowMs + limit * 86_400_000))) continue;
      const message = kind === 'warn' ? `${outcome.message} in ${limit ?? 0} days` : outcome.message;
      return verdictOf(outcome, `${name} ${message}, ${source}`);
    }
  }
  return noMatch(outcomes, `${name}, which is ${valid ? 'valid' : 'invalid'}, ${source}`);
}

export const event: Check = {
  title: () => 'Event',
  icon: { key: 'kubernetes_event', file: 'kubernetes.svg?w=16&h=16' },
  collectors: ['clusterResources'],
  async run(spec, files) {
    const reason = text(spec, 'reason').toLowerCase();
    if (reason === '') throw new BadCheck('it has no reason');
    const kind = text(spec, 'kind').toLowerCase();
    const pattern = text(spec, 'regex') === '' ? undefined : new GoRegExp(text(spec, 'regex'));
    const events = await files.items(`cluster-resources/events/${text(spec, 'namespace') || 'default'}.json`);
    const found = events.find((one) => {
      if (string(one['reason']).toLowerCase() !== reason) return false;
      if (kind !== '' && string(record(one['involvedObject'])['kind']).toLowerCase() !== kind) return false;
      return !pattern || pattern.test(string(one['message']));
    });
    const data = { ...found, InvolvedObject: found?.['involvedObject'] };
    return [
      firstOf(outcomesOf(spec), {
        holds: (when) => goBool(when) === (found !== undefined),
        found: found ? string(found['message']) : `no event with reason ${reason}`,
        message: ({ message }) => (found ? render(message, data) : message),
      }),
    ];
  },
};

export const nodeMetrics: Check = {
  title: (spec) => text(spec, 'collectorName') || 'Node Metrics',
  collectors: ['nodeMetrics'],
  async run(spec, files) {
    const paths = files.matching('node-metrics/*.json');
    if (paths.length === 0) throw new MissingFile('node-metrics/*.json');
    const claims = await claimsOf(spec, files, paths);
    const outcomes = outcomesOf(spec);
    for (const outcome of outcomes) {
      if (outcome.when === '') return [verdictOf(outcome, outcome.message)];
      const [subject = '', sign = '', wanted = ''] = words(outcome.when, 3);
      if (subject !== 'pvcUsedPercentage') throw new BadCheck(`"${subject}" is not known: pvcUsedPercentage is`);
      const hit = claims.filter(({ used }) => holds(operator(sign), used - Number(wanted.replace(/%$/, ''))));
      if (hit.length === 0) continue;
      const names = hit.map(({ name }) => name).join(', ');
      return [verdictOf(outcome, render(outcome.message, { PVC: { ConcatenatedNames: names } }))];
    }
    return [noMatch(outcomes, `${claims.length} persistent volume claims`)];
  },
};

async function claimsOf(spec: Spec, files: Files, paths: readonly string[]): Promise<{ name: string; used: number }[]> {
  const filter = record(record(spec['filters'])['pvc']);
  const pattern = text(filter, 'nameRegex') === '' ? undefined : new GoRegExp(text(filter, 'nameRegex'));
  const claims: { name: string; used: number }[] = [];
  for (const path of paths) {
    const { pods } = record(await files.json(path));
    for (const pod of Array.isArray(pods) ? (pods as unknown[]).map(record) : []) {
      const volumes = Array.isArray(pod['volume']) ? (pod['volume'] as unknown[]).map(record) : [];
      for (const volume of volumes) {
        const claim = record(volume['pvcRef']);
        const name = string(claim['name']);
        if (name === '' || (pattern && !pattern.test(name))) continue;
        const wanted = text(filter, 'namespace');
        if (wanted !== '' && string(claim['namespace']) !== wanted) continue;
        const capacity = number(volume['capacityBytes']);
        if (capacity > 0)
          claims.push({
            name: `${string(claim['namespace'])}/${name}`,
            used: (number(volume['usedBytes']) / capacity) * 100,
          });
      }
    }
  }
  return claims;
}
