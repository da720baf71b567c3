// The page of a bundle as one HTML file, which needs no network and runs nothing but its own script.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inertJson, pageScript, policyHash } from '../../host/page-script.ts';

const CLIENT = fileURLToPath(new URL('client', import.meta.url));

export interface PageParts {
  script: string;
  style: string;
}

/** Started early: where a source is newer than dist/, its script is bundled, which costs some 100 ms beside all else. */
export async function pageParts(): Promise<PageParts> {
  const [script, style] = await Promise.all([pageScript(CLIENT), readFile(join(CLIENT, 'page.css'), 'utf8')]);
  return { script, style };
}

/** @param data JSON, redacted. The policy allows this very script and style: a text that slipped through could not run. */
export function pageHtml({ script, style }: PageParts, data: string): string {
  const policy = `default-src 'none'; img-src data:; script-src ${policyHash(script)}; style-src ${policyHash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>support bundle</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript>This page is drawn by a script, which is part of this file.</noscript></main>
<script type="application/json" id="data">${inertJson(JSON.parse(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}
