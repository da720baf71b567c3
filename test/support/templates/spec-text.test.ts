// Templates of specs: rendered with values as Helm and KOTS do, and never guessed without them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderTexts } from '../../../scripts/support/templates/spec-text.ts';

const templates = suite('templates of specs');

const rendered = (text: string, values: Record<string, unknown> = {}, given = true): string => {
  const { texts, problems } = renderTexts([{ name: 'a.yaml', text }], { values, given });
  return [...texts.map((one) => one.text), ...problems.map(({ place, message }) => `${place.line}: ${message}`)].join(
    '\n',
  );
};

templates('conditions, ranges, variables, pipes and includes do what Helm does', () => {
  const text = `{{- define "name" }}{{ .Values.app | default "web" | upper }}{{ end -}}
name: {{ include "name" . }}
{{- if and .Values.on (gt (len .Values.list) 1) }}
list:
{{- range $i, $item := .Values.list }}
  - {{ $i }}: {{ $item | quote }}
{{- end }}
{{- else if eq .Values.kind "b" }}
kind: b
{{- else }}
none: {{ not .Values.on }}
{{- end }}
{{- with .Values.deep }}
deep: {{ .a.b }}{{ .a.missing.too }}
{{- end }}
{{- $total := 0 }}
{{- range .Values.list }}{{ $total = add $total 1 }}{{ end }}
total: {{ $total }} {{ printf "%s-%03d" "x" 7 }} {{ ternary "yes" "no" true }}
block:
  {{- .Values.deep | toYaml | nindent 2 }}
{{/* a comment with }} in it */}}
`;
  const values = { on: true, list: ['a', 'b'], deep: { a: { b: 1 } } };
  assert.is(
    rendered(text, values).trim(),
    `name: WEB
list:
  - 0: "a"
  - 1: "b"
deep: 1
total: 2 x-007 yes
block:
  a:
    b: 1`,
  );
  assert.match(rendered(text, { kind: 'b' }), 'kind: b');
  assert.match(rendered(text), 'none: true');
});

templates('braces inside quotes are no actions, and messages of checks stay without values', () => {
  assert.is(rendered('a: {{ "}}" }}{{ `{{ .Node }}` }}'), 'a: }}{{ .Node }}');
  const message = 'spec:\n  - pass: {message: "{{ .NodeCount }} nodes"}\n';
  assert.is(rendered(message, {}, false), message);
});

templates('a template without values is said to be one, with its line', () => {
  const found = rendered('a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n', {}, false);
  assert.is(found, '2: is a template: give its values with --values FILE or --set KEY=VALUE');
});

templates('repl{{ }} takes what is set, and names what is missing', () => {
  const text = 'exclude: \'repl{{ ConfigOptionEquals "db" "embedded" }}\'\nhost: \'{{repl ConfigOption "host" }}\'\n';
  assert.is(rendered(text, { db: 'external', host: 'h1' }), "exclude: 'false'\nhost: 'h1'\n");
  assert.is(
    rendered(text, {}, false),
    '1: needs ConfigOption "db": give it with --set db=VALUE\n2: needs ConfigOption "host": give it with --set host=VALUE',
  );
  // One alone is enough: nothing half-rendered is read.
  assert.is(
    rendered('a: repl{{ ConfigOption "db" }}\n', {}, false),
    '1: needs ConfigOption "db": give it with --set db=VALUE',
  );
  const two = 'a: repl{{ ConfigOption "db" }}\nb: repl{{ ConfigOption "host" }}\n';
  const said = (values: Record<string, string>, given: boolean): string[] =>
    renderTexts([{ name: 'a.yaml', text: two }], { values, given }).problems.map(
      ({ place, message, severity }) => `${severity} ${place.line} ${message}`,
    );
  assert.equal(said({}, false), [
    'error 1 needs ConfigOption "db": give it with --set db=VALUE',
    'error 2 needs ConfigOption "host": give it with --set host=VALUE',
  ]);
  assert.equal(said({ db: 'x' }, true), [
    'warning 2 ConfigOption "host" has no value and is empty: give it with --set host=VALUE',
  ]);
});

templates('a helper that calls what is not supported is no error where the spec does not call it', () => {
  const helpers = '{{- define "hex" }}{{ randInt 0 16 }}{{ genCA "x" 365 }}{{ now | date "2006" }}{{ end -}}';
  assert.is(rendered(`${helpers}\na: {{ .Values.a }}`, { a: 'b' }), 'a: b');
  assert.is(
    rendered(`${helpers}\na: {{ include "hex" . }}`, { a: 'b' }),
    '1: the function "randInt" is not supported in specs',
  );
});

templates('what cannot be rendered is an error with its line, and ends', () => {
  assert.is(rendered('a\n{{ nosuch 1 }}'), '2: there is no function "nosuch"');
  assert.is(rendered('a\n{{ if .x }}\nb'), '2: "if" has no "end"');
  assert.is(
    rendered('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'),
    '1: "a" includes itself without an end',
  );
  assert.match(rendered('{{ .Values.a | fail }}', { a: 'no good' }), 'no good');
  assert.match(
    rendered('{{ range until 10000 }}{{ range until 10000 }}xxxxxxxxxx{{ end }}{{ end }}'),
    'becomes longer than',
  );
});

templates('braces in a block of text are no template, others are one', () => {
  const message = 'message: >-\n  Found:\n\n  {{ .Detected }}\n';
  assert.is(rendered(message, {}, false), message);
  for (const text of [
    'exclude: {{ .Values.x }}\n',
    '{{- if .Values.x }}\na: 1\n{{- end }}\n',
    'a:\n  {{ toYaml .Values.b }}\n',
  ])
    assert.match(rendered(text, {}, false), 'is a template: give its values');
});

templates('functions of sprig that charts of vendors call', () => {
  const text = `{{ substr 0 3 "abcdef" }} {{ substr 2 -1 "abcdef" }} {{ sha256sum "x" | trunc 8 }} {{ rest (list 1 2 3) | join "," }}
{{ unset (dict "a" 1 "b" 2) "a" | toJson }} {{ pick (dict "a" 1 "b" 2) "b" | toJson }} {{ omit (dict "a" 1 "b" 2) "b" | toJson }}
{{ mergeOverwrite (dict "a" 1) (dict "a" 2) | toJson }} {{ nospace " a b " }} {{ reverse (list 1 2) | join "" }} {{ initial (list 1 2) | join "" }}
`;
  assert.is(rendered(text), 'abc cdef 2d711642 2,3\n{"b":2} {"b":2} {"a":1}\n{"a":2} ab 21 1\n');
});

templates("values of kURL's installer are empty, which is said once; conditions of its own are followed", () => {
  const text = 'exclude: "{{kurl .IsUpgrade }}"\n{{kurl- if .IsJoin }}\njoin: true\n{{kurl- end }}\n';
  const warning = '1: values of the kURL installer are empty here, but for those of --values and --set';
  assert.is(rendered(text, {}, false), `exclude: ""\n\n${warning}`);
  assert.is(rendered(text, { IsUpgrade: true, IsJoin: true }), `exclude: "true"\njoin: true\n\n${warning}`);
});

const kots = (call: string, values: Record<string, unknown> = {}): string => rendered(`repl{{ ${call} }}`, values);

templates('functions of KOTS, with what is known without a license and what the user has set', () => {
  for (const [call, result] of [
    ['Add 1 2', '3'],
    ['Sub 5 2', '3'],
    ['Mult 3 2', '6'],
    ['Div 7 2', '3'],
    ['ToLower "Ab"', 'ab'],
    ['ToUpper "Ab"', 'AB'],
    ['Trim " a "', 'a'],
    ['Base64Encode "x"', 'eA=='],
    ['Base64Decode "eA=="', 'x'],
    ['ParseBool "1"', 'true'],
    ['ParseBool "T"', 'true'],
    ['ParseBool "yes"', 'false'],
    ['ParseInt "7"', '7'],
    ['ParseFloat "1.5"', '1.5'],
    ['LocalImageName "a/b:1"', 'a/b:1'],
    ['ImagePullSecretName', 'kotsadm-registry'],
  ] as const)
    assert.is(kots(call), result, call);
  for (const [name, unset, set] of [
    ['Namespace', 'default', 'web'],
    ['Distribution', '', 'k3s'],
    ['IsKurl', 'false', 'true'],
    ['HasLocalRegistry', 'false', 'true'],
    ['KubernetesVersion', '', '1.31.0'],
    ['KubernetesMajorVersion', '1', '2'],
    ['KubernetesMinorVersion', '30', '31'],
    ['LocalRegistryHost', '', 'r.io'],
    ['LocalRegistryAddress', '', 'r.io/x'],
    ['LocalRegistryNamespace', '', 'x'],
  ] as const) {
    assert.is(kots(`print ${name}`), unset, name);
    for (const values of [{ KOTS: { [name]: set } }, { [name]: set }])
      assert.is(kots(`print ${name}`, values), set, name);
  }
});

templates('options are found by their group or by their name alone, and compared as texts', () => {
  const call = 'ConfigOptionEquals "db" "7"';
  assert.is(kots(call, { ConfigOption: { db: 7 } }), 'true');
  assert.is(kots(call, { db: 7, ConfigOption: { other: 1 } }), 'true');
  assert.is(kots(call, { db: 7, ConfigOption: null }), 'true');
  assert.is(kots(call, { db: 7, ConfigOption: { db: 8 } }), 'false', 'the group counts first');
  assert.is(kots('ConfigOptionNotEquals "db" "7"', { db: 8 }), 'true');
  assert.is(kots('LicenseFieldValue "seats"', { seats: 5 }), '5');
  assert.match(kots('ConfigOption "toString"'), /^1: ConfigOption "toString" has no value and is empty/);
});

templates('an error has the line of its file, also below others', () => {
  const { problems } = renderTexts(
    [
      { name: 'good.yaml', text: 'a: 1\n' },
      { name: 'bad.yaml', text: 'a: 1\nb: 2\nc: repl{{ nosuch }}\n' },
    ],
    { values: {}, given: true },
  );
  assert.equal(
    problems.map(({ place, severity }) => [place.file, place.line, place.column, severity]),
    [['bad.yaml', 3, 1, 'error']],
  );
});

templates('what was rendered has a name that says so; what stayed as it was keeps its own', () => {
  const names = (text: string): string[] =>
    renderTexts([{ name: 'a.yaml', text }], { values: { a: 'b' }, given: true }).texts.map(({ name }) => name);
  assert.equal(names('x: {{ .Values.a }}\n'), ['a.yaml (rendered)']);
  assert.equal(names('x: y\n'), ['a.yaml']);
  assert.equal(names('{{ if .Values.none }}x{{ end }}'), []);
});

templates('a template that is in none of the files gives nothing, with a warning at its line', () => {
  const text = 'a: 1\nb: {{ include "gone" . }}x\n';
  const { texts, problems } = renderTexts([{ name: 'a.yaml', text }], { values: {}, given: true });
  assert.is(texts[0]?.text, 'a: 1\nb: x\n');
  assert.equal(problems, [
    {
      place: { file: 'a.yaml', line: 2, column: 1 },
      message: 'the template "gone" is not in these files: it gives nothing',
      severity: 'warning',
    },
  ]);
});

templates('a value of the kURL installer is named at its line, also at the start of the text', () => {
  const warning = 'values of the kURL installer are empty here, but for those of --values and --set';
  assert.is(rendered('{{kurl .A }}x', {}, false), `x\n1: ${warning}`);
  assert.is(rendered('a\nb {{kurl .A }}x', {}, false), `a\nb x\n2: ${warning}`);
});

templates.run();
