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

templates.run();
