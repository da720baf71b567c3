// The page's HTML, with its script and style inside: it loads nothing from anywhere.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageScript, policyHash } from '../../host/page-script.ts';

const CLIENT = fileURLToPath(new URL('client', import.meta.url));

export interface PageDocument {
  html: string;
  /** Content-Security-Policy: this script and this style, and nothing else. */
  policy: string;
}

let made: Promise<PageDocument> | undefined;

/** Bundled once for the process. */
export function pageDocument(): Promise<PageDocument> {
  made ??= make();
  return made;
}

async function make(): Promise<PageDocument> {
  const [script, style] = await Promise.all([pageScript(CLIENT), readFile(join(CLIENT, 'page.css'), 'utf8')]);
  const policy = `default-src 'none'; connect-src 'self'; img-src data:; script-src ${policyHash(script)}; style-src ${policyHash(style)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { policy, html: html(script, style) };
}

function html(script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>hoist sync</title>
<style>${style}</style>
</head>
<body>
<header><h1 id="title">hoist sync</h1><span id="time"></span></header>
<ul id="states"></ul>
<div id="grid" role="group" aria-label="clusters"></div>
<p id="figures"></p>
<h2>Failing</h2>
<table class="empty"><thead><tr><th>set</th><th>why</th><th>clusters</th><th>for example</th></tr></thead><tbody id="failing"></tbody></table>
<h2>Slowest passes</h2>
<table class="empty"><thead><tr><th>cluster</th><th>took</th><th>requests</th></tr></thead><tbody id="slowest"></tbody></table>
<section id="dialog" role="dialog" aria-labelledby="detail" hidden><button type="button" id="close">close</button><pre id="detail"></pre></section>
<script>${script}</script>
</body>
</html>
`;
}
