// Takes secrets out of whatever goes into a record, even where the caller forgot to.

import { HIDDEN, createRedactor } from './redactor.ts';

const SECRET_KEY =
  /pass(word|wd|phrase)?$|secrets?$|token$|credentials?$|(api|access|private|client|signing|tls)[-_.]?key([-_]?data)?$|^authorization$|^cookie$|bearer/i;

/** Below a key that names a secret these hold the secret itself; `name`, `kind` or `env` only describe it. */
const CARRIER = /^(value|values|data|stringData|literal|content|contents)$/;

/** Flags like `--use-service-account-credentials=false` look secret by name, but hold nothing worth hiding. */
const HARMLESS = /^(true|false|\d{1,5})$/;

/** How much of a value counts as secret: nothing, what a secret-like key holds itself, everything below. */
type Depth = 'open' | 'named' | 'all';

/**
 * A copy of a JSON value without secrets: values below keys that look secret, texts that look like credentials
 * (`user:password@`, bearer tokens, private keys, `password=…`) and all given values, in every form that they can have.
 */
export function redact<T>(value: T, secretValues: readonly string[] = []): T {
  const redactor = createRedactor({ values: secretValues });
  const exact = new Set(secretValues.filter((secret) => secret !== ''));
  const walk = (node: unknown, depth: Depth): unknown => {
    if (typeof node === 'string') {
      if (exact.has(node)) return HIDDEN;
      return depth !== 'open' && node !== '' && !HARMLESS.test(node) ? HIDDEN : redactor.text(node);
    }
    if (Array.isArray(node)) return node.map((item) => walk(item, depth));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, below]) => [redactor.text(key), walk(below, depthOf(key, below, depth))]),
    );
  };
  return walk(value, 'open') as T;
}

function depthOf(key: string, below: unknown, above: Depth): Depth {
  if (above === 'all') return 'all';
  if (above === 'named' && CARRIER.test(key)) return typeof below === 'object' && key !== 'value' ? 'all' : 'named';
  return SECRET_KEY.test(key) ? 'named' : 'open';
}
