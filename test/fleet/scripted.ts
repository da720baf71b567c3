// A cluster that answers what a test says, without a server, and a clock on which every wait is over at once.

import type { Clock } from '../../scripts/engine/clock.ts';
import { Spoke, type SpokeOptions } from '../../scripts/fleet/spoke/spoke.ts';
import { Limiter } from '../../scripts/fleet/spoke/limiter.ts';
import { Typical } from '../../scripts/fleet/spoke/typical.ts';
import { type KubeClient, type KubeRequest, parseAnswer } from '../../scripts/kube/client/client.ts';

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export type Script = (request: KubeRequest, at: number) => Answer | Error;

export interface Scripted {
  client: KubeClient;
  /** `METHOD PATH` of all requests. */
  asked: string[];
  requests: KubeRequest[];
}

export function scriptedClient(script: Script): Scripted {
  const asked: string[] = [];
  const requests: KubeRequest[] = [];
  const request: KubeClient['request'] = (one) => {
    const answer = script(one, requests.length);
    asked.push(`${one.method ?? 'GET'} ${one.path}`);
    requests.push(one);
    if (answer instanceof Error) return Promise.reject(answer);
    const { status = 200, headers = {}, body = {} } = answer;
    return Promise.resolve({ status, headers, body: JSON.stringify(body) });
  };
  const unused = (): never => {
    throw new Error('not scripted');
  };
  const json = async <T>(one: KubeRequest): Promise<T> => parseAnswer(one, await request(one)) as T;
  return {
    client: { server: 'https://scripted', request, json, stream: unused, download: unused, close: () => undefined },
    asked,
    requests,
  };
}

/** @param waits gets the ms of all waits */
export function instantClock(waits: number[] = []): Clock {
  let time = 0;
  return {
    now: () => time,
    after: () => () => undefined,
    sleep(ms) {
      time += ms;
      waits.push(ms);
      return Promise.resolve();
    },
  };
}

const lane = (): Limiter => new Limiter({ start: 8, min: 1, max: 8 });

export function scriptedSpoke(
  script: Script,
  options: Partial<SpokeOptions> = {},
): Scripted & { spoke: Spoke; waits: number[]; lanes: SpokeOptions['lanes'] } {
  const scripted = scriptedClient(script);
  const waits: number[] = [];
  const lanes = { fast: lane(), slow: lane(), first: lane(), typical: new Typical() };
  const all: SpokeOptions = {
    clock: instantClock(waits),
    random: () => 0,
    lanes,
    maxInFlight: 8,
    requestMs: 1_000,
    secrets: [],
    ...options,
  };
  return { ...scripted, spoke: new Spoke(scripted.client, all), waits, lanes };
}

/** An answer of an API server that refuses. */
export function refused(code: number, message: string, causes: readonly string[] = []): Answer {
  const details = { causes: causes.map((text) => ({ message: text })) };
  return { status: code, body: { kind: 'Status', status: 'Failure', code, message, details } };
}
