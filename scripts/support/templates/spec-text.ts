// Templates in specs: rendered where values are given, else said to be there.

import { isMap, parseAllDocuments, stringify, visit } from 'yaml';
import type { Problem, SpecText } from '../spec/parse.ts';
import { TemplateError } from '../../base/go-template/template-errors.ts';
import { type Evaluation, evaluate } from '../../base/go-template/evaluate.ts';
import { type Dialect, type Node, definitions, parseTemplate } from '../../base/go-template/parse.ts';
import { fieldOf, functions } from './functions.ts';

export interface TemplateInputs {
  /** `.Values`, and what `repl{{ ConfigOption … }}` reads. */
  values: Readonly<Record<string, unknown>>;
  /** Whether the user gave any. */
  given: boolean;
}

const KOTS = [
  { left: 'repl{{', right: '}}' },
  { left: '{{repl', right: '}}' },
];
/** kURL's installer has the values; what it would put in is empty here. */
const KURL = { left: '{{kurl', right: '}}' };
const HELM: Dialect = { left: '{{', right: '}}', functions, helm: true };

/** Texts of `.tpl` files and of templates that only define others are helpers of the others. */
export function renderTexts(
  texts: readonly SpecText[],
  { values, given }: TemplateInputs,
): { texts: SpecText[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const rendered: SpecText[] = [];
  const attempt = <T>(name: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push({ place: { file: name, line: error.line, column: 1 }, message: error.message, severity: 'error' });
      return undefined;
    }
  };
  const replaced = texts.map((one) => ({
    ...one,
    text: attempt(one.name, () => kots(one.name, kurl(one, values, problems), { values, given, problems })) ?? '',
  }));
  if (!given) {
    return { texts: replaced.filter((one) => one.text !== '' && !hasHelm(one, problems)), problems };
  }
  const trees = replaced.map((one) => ({ one, tree: attempt(one.name, () => parseTemplate(one.text, HELM)) ?? [] }));
  const templates = definitions(trees.map(({ tree }) => tree));
  for (const { one, tree } of trees) {
    const missing = (name: string, { line }: { line: number }): void => {
      const message = `the template "${name}" is not in these files: it gives nothing`;
      problems.push({ place: { file: one.name, line, column: 1 }, message, severity: 'warning' });
    };
    const rendering: Evaluation = {
      dialect: HELM,
      data: helmData(values),
      field: fieldOf,
      nil: '',
      named: { templates, missing },
    };
    const text = attempt(one.name, () => evaluate(tree, rendering));
    if (text !== undefined && text.trim() !== '')
      rendered.push({ ...one, text, name: one.text === text ? one.name : `${one.name} (rendered)` });
    else if (text !== undefined || one.name.endsWith('.tpl'))
      rendered.push(...(attempt(one.name, () => partials(one, tree, rendering)) ?? []));
  }
  return { texts: rendered, problems };
}

/** A helper file says nothing by itself: what it defines is a document where it looks like one. */
function partials(one: SpecText, tree: readonly Node[], rendering: Evaluation): SpecText[] {
  return tree.flatMap((node): SpecText[] => {
    if (node.kind !== 'define' || !/apiVersion: *troubleshoot/.test(JSON.stringify(node.body))) return [];
    const text = evaluate(node.body, rendering);
    return /^apiVersion: *troubleshoot/m.test(text) ? [{ name: `${one.name} (${node.name})`, text }] : [];
  });
}

/** Braces that YAML keeps, as in messages of checks, are none of Helm's. */
function hasHelm({ name, text }: SpecText, problems: Problem[]): boolean {
  const line = text.split('\n').findIndex((one) => /^\s*\{\{/.test(one) || /^\s*(- )?[\w."-]+: *\{\{/.test(one));
  if (line < 0 || isYaml(text)) return false;
  problems.push({
    place: { file: name, line: line + 1, column: 1 },
    message: 'is a template: give its values with --values FILE or --set KEY=VALUE',
    severity: 'error',
  });
  return true;
}

/** Whether all braces are in texts: `{{ x }}` outside of one is no YAML, or a mapping that is the key of a mapping. */
function isYaml(text: string): boolean {
  let odd = false;
  for (const document of parseAllDocuments(text, { logLevel: 'silent' })) {
    odd ||= document.errors.length > 0;
    visit(document, {
      Pair(_, { key }) {
        odd ||= isMap(key);
      },
    });
  }
  return !odd;
}

function kurl({ name, text }: SpecText, values: Readonly<Record<string, unknown>>, problems: Problem[]): string {
  const at = text.indexOf(KURL.left);
  if (at < 0) return text;
  const line = text.slice(0, at).split('\n').length;
  const message = 'values of the kURL installer are empty here, but for those of --values and --set';
  problems.push({ place: { file: name, line, column: 1 }, message, severity: 'warning' });
  const dialect = { ...KURL, functions };
  return evaluate(parseTemplate(text, dialect), { dialect, data: values, field: fieldOf, nil: '' });
}

/** What has no value is empty, and all of it is named: an error where the user has given none at all. */
function kots(
  name: string,
  text: string,
  { values, given, problems }: TemplateInputs & { problems: Problem[] },
): string {
  if (!/repl\{\{|\{\{repl/.test(text)) return text;
  const missing = new Map<string, string>();
  const need = (group: string, key: unknown): unknown => {
    const found = lookup(values, group, String(key));
    if (found === undefined) missing.set(String(key), group);
    return found ?? '';
  };
  const extra: Record<string, (...args: unknown[]) => unknown> = {
    ConfigOption: (key) => need('ConfigOption', key),
    ConfigOptionData: (key) => need('ConfigOption', key),
    ConfigOptionEquals: (key, value) => String(need('ConfigOption', key)) === String(value),
    ConfigOptionNotEquals: (key, value) => String(need('ConfigOption', key)) !== String(value),
    LicenseFieldValue: (key) => need('LicenseFieldValue', key),
    ParseBool: (value) => ['1', 't', 'true'].includes(String(value).toLowerCase()),
    ParseInt: (value) => Number(value),
    ParseFloat: (value) => Number(value),
    Namespace: () => lookup(values, 'KOTS', 'Namespace') ?? 'default',
    Distribution: () => lookup(values, 'KOTS', 'Distribution') ?? '',
    IsKurl: () => lookup(values, 'KOTS', 'IsKurl') ?? false,
    KubernetesVersion: () => lookup(values, 'KOTS', 'KubernetesVersion') ?? '',
    KubernetesMajorVersion: () => lookup(values, 'KOTS', 'KubernetesMajorVersion') ?? '1',
    KubernetesMinorVersion: () => lookup(values, 'KOTS', 'KubernetesMinorVersion') ?? '30',
    HasLocalRegistry: () => lookup(values, 'KOTS', 'HasLocalRegistry') ?? false,
    LocalRegistryHost: () => lookup(values, 'KOTS', 'LocalRegistryHost') ?? '',
    LocalRegistryAddress: () => lookup(values, 'KOTS', 'LocalRegistryAddress') ?? '',
    LocalRegistryNamespace: () => lookup(values, 'KOTS', 'LocalRegistryNamespace') ?? '',
    LocalImageName: (name) => name,
    ImagePullSecretName: () => 'kotsadm-registry',
    Base64Encode: (value) => Buffer.from(String(value)).toString('base64'),
    Base64Decode: (value) => Buffer.from(String(value), 'base64').toString('utf8'),
    YamlEscape: (value) => stringify(String(value)).trimEnd(),
    Add: (a, b) => Number(a) + Number(b),
    Sub: (a, b) => Number(a) - Number(b),
    Mult: (a, b) => Number(a) * Number(b),
    Div: (a, b) => Math.trunc(Number(a) / Number(b)),
    ToLower: (value) => String(value).toLowerCase(),
    ToUpper: (value) => String(value).toUpperCase(),
    Trim: (value) => String(value).trim(),
  };
  const rendered = KOTS.reduce((now, delimiters) => {
    const dialect = { ...delimiters, functions: { ...functions, ...extra } };
    return evaluate(parseTemplate(now, dialect), { dialect, data: {}, field: fieldOf, nil: '' });
  }, text);
  for (const [key, group] of missing) {
    const line = text.split('\n').findIndex((one) => one.includes(key)) + 1;
    const what = given ? `${group} "${key}" has no value and is empty` : `needs ${group} "${key}"`;
    const message = `${what}: give it with --set ${key}=VALUE`;
    problems.push({ place: { file: name, line, column: 1 }, message, severity: given ? 'warning' : 'error' });
  }
  return missing.size > 0 && !given ? '' : rendered;
}

/** `ConfigOption.name`, or the name alone. */
function lookup(values: Readonly<Record<string, unknown>>, group: string, key: string): unknown {
  const below = values[group];
  if (typeof below === 'object' && below !== null && Object.hasOwn(below, key))
    return (below as Record<string, unknown>)[key];
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function helmData(values: Readonly<Record<string, unknown>>): object {
  const given = (key: string): object => (typeof values[key] === 'object' && values[key] !== null ? values[key] : {});
  return {
    ...values,
    Values: { ...values, ...given('Values') },
    Release: {
      Name: 'release',
      Namespace: 'default',
      Service: 'Helm',
      IsInstall: true,
      Revision: 1,
      ...given('Release'),
    },
    Chart: { Name: 'chart', Version: '0.0.0', AppVersion: '0.0.0', ...given('Chart') },
    Capabilities: { KubeVersion: { Version: 'v1.30.0', Major: '1', Minor: '30' }, APIVersions: { Has: () => true } },
    Template: { Name: '', BasePath: '' },
    Files: {},
  };
}
