// A chart repository over real HTTP: packs chart folders, answers conditional requests, fails where a test says so.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { readFileSync } from 'node:fs';

export interface ChartRepo {
  url: string;
  /** `GET /index.yaml 200`, one for each request so far. */
  requests: string[];
  /** How many of them carried credentials. */
  authorized: number;
  /** What is wrong with it from now on. */
  trouble: { status?: number; credentials?: string | undefined; damaged?: boolean; page?: string };
  /** Adds versions, so that the index changes. */
  publish(charts: readonly { folder: string; version?: string }[]): void;
  close(): Promise<void>;
}

/** The folder of a chart among the fixtures. */
export function fixtureChart(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/charts/${name}`, import.meta.url));
}

/** @param base where the index says that the archives are; beside the index where not given */
export async function startChartRepo(names: readonly string[], base = ''): Promise<ChartRepo> {
  const requests: string[] = [];
  const archives = new Map<string, Buffer>();
  const entries: Record<string, object[]> = {};
  const trouble: ChartRepo['trouble'] = {};
  let index = '';
  const publish: ChartRepo['publish'] = (charts) => {
    for (const { folder, version } of charts) {
      const chart = parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8')) as { name: string; version: string };
      const archive = execFileSync('tar', ['-czf', '-', '-C', dirname(folder), basename(folder)]);
      const of = version ?? chart.version;
      const file = `${chart.name}-${of}.tgz`;
      archives.set(`/charts/${file}`, archive);
      const digest = createHash('sha256').update(archive).digest('hex');
      (entries[chart.name] ??= []).push({
        ...chart,
        version: of,
        created: new Date(0),
        digest,
        urls: [`${base}charts/${file}`],
      });
    }
    index = stringify({ apiVersion: 'v1', entries, generated: new Date(0) }, { indentSeq: false });
  };
  publish(names.map((name) => ({ folder: fixtureChart(name) })));

  const server = createServer((request, response) => {
    const { url = '', method = '', headers } = request;
    const answer = (status: number, body: string | Buffer = '', more: Record<string, string> = {}): void => {
      requests.push(`${method} ${url} ${status}`);
      response.writeHead(status, more).end(body);
    };
    if (headers.authorization !== undefined) repo.authorized += 1;
    if (trouble.status !== undefined) return answer(trouble.status);
    if (trouble.page !== undefined) return answer(200, trouble.page);
    const wanted = trouble.credentials && `Basic ${Buffer.from(trouble.credentials).toString('base64')}`;
    if (wanted !== undefined && headers.authorization !== wanted) return answer(401);
    if (url === '/index.yaml') {
      const etag = `"${createHash('sha256').update(index).digest('hex').slice(0, 16)}"`;
      return headers['if-none-match'] === etag ? answer(304) : answer(200, index, { etag });
    }
    const archive = archives.get(url);
    if (archive === undefined) return answer(404);
    return answer(200, trouble.damaged === true ? archive.subarray(1) : archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const repo: ChartRepo = {
    url: `http://127.0.0.1:${port}`,
    requests,
    authorized: 0,
    trouble,
    publish,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return repo;
}
