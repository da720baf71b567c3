// Makes the report page: one HTML file that needs no network and runs nothing but its own script.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inertJson, pageScript, policyHash } from '../../host/page-script.ts';
import type { Comparison, Side } from '../compare/comparison.ts';
import { listRuns } from '../read.ts';
import type { RunHead } from '../record.ts';
import { reportData } from './data.ts';
import type { ReportData } from './model.ts';

const PAGE = fileURLToPath(new URL('page', import.meta.url));

/** The page for these sides as HTML; the history of their plans is read from the log, where there is one. */
export async function reportPage(
  sides: readonly Side[],
  comparisons: readonly Comparison[],
  log: string,
): Promise<string> {
  const [script, style, heads] = await Promise.all([
    pageScript(PAGE),
    readFile(join(PAGE, 'page.css'), 'utf8'),
    doneHeads(log),
  ]);
  return html(reportData(sides, comparisons, heads, new Date()), script, style);
}

async function doneHeads(log: string): Promise<RunHead[]> {
  // Runs that were named by their own files need no log.
  const listing = await listRuns(log, { match: ({ outcome }) => outcome === 'done' }).catch(() => undefined);
  return listing?.runs.map(({ head }) => head) ?? [];
}

/** The policy allows this very script and style and nothing else: a text that slipped through could not run. */
function html(data: ReportData, script: string, style: string): string {
  const policy = `default-src 'none'; img-src data:; script-src ${policyHash(script)}; style-src ${policyHash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<!-- Made by hoist. Contains d3-axis, d3-scale, d3-selection, d3-shape and what they need: Copyright 2010-2023 Mike Bostock.
Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies. THE SOFTWARE IS PROVIDED "AS IS"
AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY
DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE. -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>hoist: benchmark report</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript>This report is drawn by a script, which is part of this file.</noscript></main>
<script type="application/json" id="data">${inertJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
