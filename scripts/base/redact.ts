// Takes secrets out of whatever goes into a benchmark record, even where the caller forgot to.

const REDACTED = '[redacted]';

const SECRET_KEY =
  /pass(word|wd|phrase)?$|secrets?$|token$|credentials?$|(api|access|private|client|signing|tls)[-_.]?key([-_]?data)?$|^authorization$|^cookie$|bearer/i;

/** Below a key that names a secret these hold the secret itself; `name`, `kind` or `env` only describe it. */
const CARRIER = /^(value|values|data|stringData|literal|content|contents)$/;

/** Flags like `--use-service-account-credentials=false` look secret by name, but hold nothing worth hiding. */
const HARMLESS = /^(true|false|\d{1,5})$/;

const IN_TEXT: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${REDACTED}@`],
  [
    /((?:password|passwd|secret|token|api[-_]?key)(?:=|["']\s*:\s*)["']?)(?!true\b|false\b|\d{1,5}\b)[^\s"',;&]+/gi,
    `$1${REDACTED}`,
  ],
  [/(passw(?:or)?d:\s+["']?)[^\s"',;&]+/gi, `$1${REDACTED}`],
];

/** How much of a value counts as secret: nothing, what a secret-like key holds itself, everything below. */
type Depth = 'open' | 'named' | 'all';

/**
 * A copy of a JSON value without secrets: values below keys that look secret, texts that look like credentials
 * (`user:password@`, bearer tokens, private keys, `password=…`) and all given values, also in base64 or URL encoding.
 */
export function redact<T>(value: T, secretValues: readonly string[] = []): T {
  const needles = needlesOf(secretValues);
  const exact = new Set(secretValues.filter((s) => s !== ''));
  const walk = (node: unknown, depth: Depth): unknown => {
    if (typeof node === 'string') {
      if (exact.has(node)) return REDACTED;
      return depth !== 'open' && node !== '' && !HARMLESS.test(node) ? REDACTED : redactText(node, needles);
    }
    if (Array.isArray(node)) return node.map((item) => walk(item, depth));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, below]) => [key, walk(below, depthOf(key, below, depth))]),
    );
  };
  return walk(value, 'open') as T;
}

function depthOf(key: string, below: unknown, above: Depth): Depth {
  if (above === 'all') return 'all';
  if (above === 'named' && CARRIER.test(key)) return typeof below === 'object' && key !== 'value' ? 'all' : 'named';
  return SECRET_KEY.test(key) ? 'named' : 'open';
}

function redactText(text: string, needles: readonly string[]): string {
  let out = text;
  for (const needle of needles) if (out.includes(needle)) out = out.replaceAll(needle, REDACTED);
  for (const [pattern, by] of IN_TEXT) out = out.replace(pattern, by);
  return out;
}

/** Every form in which a secret value may show up inside a text; longest first, so that no rest stays. */
function needlesOf(secretValues: readonly string[]): string[] {
  const forms = secretValues.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...secret.split('\n').filter((line) => line.trim().length >= 16),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= 4).sort((a, b) => b.length - a.length);
}
