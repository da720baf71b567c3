// Every flag, command and variable that a message, a hint or a page names exists.

import { readFileSync, readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type typescript from 'typescript';
import { helpFlag } from '../../scripts/cli/command.ts';
import { commands } from '../../scripts/cli/commands.ts';
import { optionsOf, settingOptions } from '../../scripts/settings/options.ts';
import { ts } from '../typescript.ts';

const test = suite('house: names');

const specs = await Promise.all(commands.map(({ load }) => load()));
const flagsOf = new Map(
  specs.map((spec) => [
    spec.name,
    new Set([
      ...spec.flags.map(({ name }) => name),
      ...optionsOf(spec.settings).map(({ flag }) => flag),
      helpFlag.name,
    ]),
  ]),
);
const ownFlags = new Set([...flagsOf.values()].flatMap((flags) => [...flags]));

/** Flags of other programs, which hoist runs or speaks of. */
const FOREIGN: Readonly<Record<string, string>> = {
  dockerd: 'registry-mirror max-concurrent-downloads config-file',
  git: 'parent',
  go: 'mod trimpath',
  helm: 'atomic destination disable-openapi-validation hide-notes include-crds install labels kube-version namespace no-hooks no-help plain-http post-renderer reset-values short skip-crds skip-tests values version wait set flag',
  hyperfine: 'export-json',
  k3d: 'k3s-arg kubeconfig-switch-context kubeconfig-update-default no-lb no-rollback port proxy-remote-url registry-use volume image',
  kubernetes: 'kubelet-arg cluster-cidr service-cidr disable kube-api-qps use-service-account-credentials cert-dir',
  etcd: 'unsafe-no-fsync',
  etcdctl: 'cacert cert key write-out endpoints',
  kubectl: 'ignore-not-found context server-side',
  npm: 'yes silent fast',
  node: 'import env-file',
  tar: 'no-same-owner no-same-permissions',
  linux: 'type no-legend plain noheadings bytes pairs no-pager unit lines',
  kubeApiserver: 'enable-priority-and-fairness',
  v8: 'interrupt-budget optimize-for-size expose-gc no-expose-gc',
};
const foreignFlags = new Set(Object.values(FOREIGN).flatMap((names) => names.split(' ')));

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
}

/** The texts of a source file: its string literals, and its templates with "…" for what is put in. */
function literalsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: typescript.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    else if (ts.isTemplateExpression(node)) {
      texts.push(node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join(''));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesBelow('docs', '.md')];
/** A command that is not in the table yet is not shown to anybody. */
const isHidden = (file: string): boolean => {
  const [, command] = /^scripts\/cli\/commands\/([^/]+)\//.exec(file) ?? [];
  return command !== undefined && !flagsOf.has(command);
};
const sources = filesBelow('scripts', '.ts').filter((file) => !isHidden(file));
const texts = [
  ...pages.map((file) => ({ file, text: readFileSync(file, 'utf8') })),
  ...sources.flatMap((file) => literalsOf(file).map((text) => ({ file, text }))),
];

test('every flag is one of a command, or of a program that is known to have it', () => {
  const unknown = texts.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/(?<![\w-])--([a-z][a-z0-9-]*[a-z0-9])/g), ([, name = '']) => ({ file, name })).filter(
      ({ name }) => !ownFlags.has(name) && !foreignFlags.has(name),
    ),
  );
  assert.equal([...new Set(unknown.map(({ file, name }) => `${file}: --${name}`))], []);
});

test('every `hoist COMMAND --flag` that a text shows would be taken', () => {
  const examples = specs.flatMap(({ name, examples }) =>
    examples.map(([line]) => ({ file: `examples of ${name}`, text: `\`${line.replace(/^.*?(?=hoist )/, '')}\`` })),
  );
  const wrong = [...texts, ...examples].flatMap(({ file, text }) =>
    Array.from(text.matchAll(/(?:`|npx |\$ )hoist ([a-z][a-z-]*)([^`\n|;&]*)/gm)).flatMap(
      ([, name = '', rest = '']) => {
        const flags = flagsOf.get(name);
        if (!flags) return /^(help|version|ls)$/.test(name) ? [] : [`${file}: hoist ${name}`];
        const given = Array.from(rest.matchAll(/(?<![\w-])--([a-z][a-z0-9-]*)/g), (match) => match[1] ?? '');
        return given.filter((flag) => !flags.has(flag)).map((flag) => `${file}: hoist ${name} --${flag}`);
      },
    ),
  );
  assert.equal([...new Set(wrong)], []);
});

test('every variable that a page names is read somewhere', () => {
  const read = new Set([
    ...settingOptions.flatMap(({ env }) => [env, `HOIST_${env}`]),
    ...sources.flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g) ?? []),
  ]);
  // Like `HOIST_TOOL_${name}`.
  const prefixes = sources.flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z]+(_[A-Z]+)*_(?=\$\{)/g) ?? []);
  const unknown = pages.flatMap((file) =>
    Array.from(
      readFileSync(file, 'utf8').matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g),
      (match) => match[1] ?? '',
    )
      .filter((name) => !read.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)))
      .map((name) => `${file}: ${name}`),
  );
  assert.equal([...new Set(unknown)], []);
});

test.run();
