// Inputs and variables that a template names, wherever they stand in it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { referencesOf } from '../../../scripts/tasks/templates/references.ts';

const references = suite('tasks/templates/references');

const of = (text: string): string[] =>
  referencesOf(text).map(({ root, name, strict }) => `${root}.${name}${strict ? '' : '?'}`);

references('each place that a name can stand in', () => {
  const table: [text: string, names: string[]][] = [
    ['no template', []],
    ['${{ .inputs.a }} and ${{ .variables.B }} and ${{ .item.c }}', ['inputs.a', 'variables.B', 'item.c']],
    ['${{ .inputs }}', []],
    ['${{ .other.a }}', []],
    ['${{ .inputs.a.b }}', ['inputs.a']],
    ['${{ $.inputs.a }}', ['inputs.a']],
    ['${{ index .variables "A" }}', ['variables.A?']],
    ['${{ index $.inputs "a" }}', ['inputs.a?']],
    ['${{ index .other "a" }}', []],
    ['${{ index .inputs 1 }}', []],
    ['${{ index .inputs .item.k }}', ['item.k']],
    ['${{ if .inputs.a }}${{ .inputs.b }}${{ else }}${{ .inputs.c }}${{ end }}', ['inputs.a', 'inputs.b', 'inputs.c']],
    ['${{ with .inputs.a }}${{ .inputs.b }}${{ else }}${{ .inputs.c }}${{ end }}', ['inputs.a', 'inputs.c']],
    ['${{ with .inputs.a }}${{ $.inputs.b }}${{ end }}', ['inputs.a', 'inputs.b']],
    ['${{ with .inputs.a }}${{ index .inputs "b" }}${{ end }}', ['inputs.a']],
    ['${{ with .inputs.a }}${{ if true }}${{ .inputs.b }}${{ end }}${{ end }}', ['inputs.a']],
    ['${{ range .inputs.a }}${{ .inputs.b }}${{ end }}', ['inputs.a']],
    ['${{ (.inputs.a) }}', ['inputs.a']],
    ['${{ eq .inputs.a "x" }}', ['inputs.a']],
    ['${{ .inputs.a | printf "%s" }}', ['inputs.a']],
    ['${{ define "t" }}x${{ end }}${{ template "t" .inputs.a }}', ['inputs.a']],
    ['${{ define "t" }}x${{ end }}${{ template "t" }}', []],
    ['${{ $x := .inputs.a }}${{ $x.inputs.b }}', ['inputs.a']],
  ];
  for (const [text, names] of table) assert.equal(of(text), names, text);
});

references('places within the text', () => {
  assert.equal(
    referencesOf('ab ${{ .inputs.c }} ${{ index .variables "D" }}').map(({ offset }) => offset),
    [7, 30],
  );
});

references.run();
