// Proxy variables for nodes: the user's own, with the cluster's addresses kept out of the proxy.

import type { Environment } from '../../../host/paths.ts';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'] as const;

/** Pods, services and nodes reach each other without a proxy; Docker takes its networks from 172.16/12 and 192.168/16. */
const DIRECT = ['localhost', '127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '.svc', '.cluster.local'];

const valueOf = (env: Environment, name: string): string | undefined => {
  const value = env[name] ?? env[name.toLowerCase()];
  return value === '' ? undefined : value;
};

/** Names of the variables that nodes get; none where no proxy is set. A proxy on this machine itself is none for them. */
export function proxyVariables(env: Environment): string[] {
  const set = PROXIES.filter((name) => {
    const value = valueOf(env, name);
    return value !== undefined && !/^\w+:\/\/([^@/]*@)?(localhost|127\.|\[::1\])/.test(value);
  });
  return set.length === 0 ? [] : [...set, 'NO_PROXY'];
}

/** Those variables with their values, for the environment of k3d, which writes them into the nodes. */
export function nodeEnv(env: Environment): Record<string, string> {
  const names = proxyVariables(env);
  if (names.length === 0) return {};
  const own = (valueOf(env, 'NO_PROXY') ?? '').split(',').map((entry) => entry.trim());
  const values = Object.fromEntries(names.map((name) => [name, valueOf(env, name) ?? '']));
  return { ...values, NO_PROXY: [...new Set([...own, ...DIRECT])].filter((entry) => entry !== '').join(',') };
}
