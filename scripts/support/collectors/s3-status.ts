// s3Status: whether a bucket can be reached with the keys of the spec.

import { AwsV4Signer } from 'aws4fetch';
import { Agent, request } from 'undici';
import { HoistError, messageOf } from '../../base/errors.ts';
import { parseBool } from '../spec/schema.ts';
import { type Collector, type Running, firstText, json } from './collector.ts';

const REGION = 'us-east-1';

export const s3Status: Collector = {
  title: 's3Status',
  timeoutMs: 30_000,
  claim: ({ spec }) => `s3Status/${firstText(spec, 'collectorName') ?? 's3Status'}.json`,
  async run(running) {
    const { item, sink, suffix, signal } = running;
    const bucketName = firstText(item.spec, 'bucketName') ?? '';
    const endpoint = firstText(item.spec, 'endpoint');
    const region = firstText(item.spec, 'region') ?? REGION;
    const result: Record<string, unknown> = { bucketName, endpoint, region, isConnected: true };
    try {
      await headBucket(running, { bucketName, endpoint, region });
    } catch (error) {
      signal.throwIfAborted();
      Object.assign(result, { isConnected: false, error: messageOf(error) });
      running.note(`not connected: ${messageOf(error)}`);
    }
    const path = `s3Status/${firstText(item.spec, 'collectorName') ?? 's3Status'}${suffix}.json`;
    await sink.add({ path, content: json(result) });
  },
};

interface Bucket {
  bucketName: string;
  endpoint: string | undefined;
  region: string;
}

async function headBucket({ item: { spec }, signal }: Running, bucket: Bucket): Promise<void> {
  const url = addressOf(bucket, parseBool(spec['usePathStyle']) === true);
  const signer = new AwsV4Signer({
    method: 'HEAD',
    url: url.href,
    accessKeyId: firstText(spec, 'accessKeyID') ?? '',
    secretAccessKey: firstText(spec, 'secretAccessKey') ?? '',
    service: 's3',
    region: bucket.region,
  });
  const signed = await signer.sign();
  const insecure = parseBool(spec['insecure']) === true;
  const dispatcher = new Agent(insecure ? { connect: { rejectUnauthorized: false } } : {});
  try {
    const headers = Object.fromEntries(signed.headers.entries());
    const { statusCode, body } = await request(signed.url, { method: 'HEAD', headers, dispatcher, signal });
    await body.dump();
    if (statusCode >= 300) throw new HoistError(`the bucket "${bucket.bucketName}" answered ${statusCode}`);
  } finally {
    await dispatcher.destroy();
  }
}

/** @throws HoistError where the spec's endpoint is no address */
function addressOf({ bucketName, endpoint, region }: Bucket, pathStyle: boolean): URL {
  const text = endpoint ?? `https://s3.${region}.amazonaws.com`;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new HoistError(`"${text}" is no address`);
  const url = new URL(text);
  if (pathStyle) url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(bucketName)}`;
  else url.hostname = `${bucketName}.${url.hostname}`;
  return url;
}
