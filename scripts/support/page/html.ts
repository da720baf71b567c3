// The page of a bundle as one HTML file, which needs no network and runs nothing but its own script.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harmless } from '../../base/terminal-text.ts';
import { pageScript } from '../../host/page-script.ts';

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
  const policy = `default-src 'none'; img-src data:; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
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
<script type="application/json" id="data">${inert(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Texts cannot end the script element, open a comment in it, hide themselves or turn what is around them. */
function inert(data: string): string {
  const parsed = JSON.parse(data, (_, value: unknown) =>
    typeof value === 'string' ? harmless(value) : value,
  ) as unknown;
  return JSON.stringify(parsed).replaceAll('<', '\\u003c');
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
