// Networks and volumes of an engine: what is fine where something exists or is gone, and what is not.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  containersIn,
  findNetwork,
  joinNetwork,
  leaveNetwork,
  listVolumes,
  removeNetwork,
  removeVolume,
} from '../../scripts/docker/networks.ts';
import { type AnsweringEngine, startEngine, statusOf, stopEngine } from './answering.ts';

const networks = suite<AnsweringEngine>('docker networks');
networks.before.each(startEngine);
networks.after.each(stopEngine);

const WIRE = {
  Id: '1f',
  Name: 'k3d-dev',
  Labels: null,
  IPAM: { Config: [{ Gateway: '172.18.0.1', Subnet: '172.18.0.0/16' }, { Gateway: 'fc00::1' }] },
  Containers: { c1: { Name: 'node', IPv4Address: '172.18.0.2/16' } },
};

networks('a network is found by its whole name, not by the beginning of its id', async (context) => {
  context.answer = [200, WIRE];
  assert.equal(await findNetwork(context.engine, 'k3d-dev'), {
    id: '1f',
    name: 'k3d-dev',
    labels: {},
    subnets: ['172.18.0.0/16'],
    gateway: '172.18.0.1',
    members: [{ id: 'c1', name: 'node', address: '172.18.0.2' }],
  });
  assert.is(await findNetwork(context.engine, '1f'), undefined);
  context.answer = [404, { message: 'no such network' }];
  assert.is(await findNetwork(context.engine, 'gone'), undefined);
  context.answer = [500, { message: 'broken' }];
  assert.is(await statusOf(findNetwork(context.engine, 'k3d-dev')), 500);
});

networks('joining: a container that is in it already is fine, any other refusal is not', async (context) => {
  const { engine } = context;
  context.answer = [200, null];
  assert.is(await statusOf(joinNetwork(engine, 'net', 'c1')), undefined);
  assert.equal(context.asked, ['POST /networks/net/connect {"Container":"c1"}']);
  context.answer = [403, { message: 'endpoint with name c1 already exists in network net' }];
  assert.is(await statusOf(joinNetwork(engine, 'net', 'c1')), undefined);
  context.answer = [403, { message: 'container is attached to another sandbox' }];
  assert.is(await statusOf(joinNetwork(engine, 'net', 'c1')), 403);
});

networks(
  'the containers of a network are asked for with those that do not run; a bad request is refused',
  async (context) => {
    context.answer = [200, [{ Id: 'c1' }, { Id: 'c2' }]];
    assert.equal(await containersIn(context.engine, 'net'), ['c1', 'c2']);
    assert.equal(context.asked, ['GET /containers/json?all=true&filters={"network":["net"]}']);
    context.answer = [400, { message: 'invalid filter' }];
    assert.is(await statusOf(containersIn(context.engine, 'net')), 400);
  },
);

networks('leaving and removing: what is gone is fine, what is in use is not', async (context) => {
  const { engine } = context;
  const all = (): Promise<(number | undefined)[]> =>
    Promise.all([
      statusOf(leaveNetwork(engine, 'net', 'c1')),
      statusOf(removeNetwork(engine, 'net')),
      statusOf(removeVolume(engine, 'vol')),
    ]);
  context.answer = [404, { message: 'not found' }];
  assert.equal(await all(), [undefined, undefined, undefined]);
  context.answer = [409, { message: 'in use' }];
  assert.equal(await all(), [409, 409, 409]);
  assert.equal(context.asked.sort().slice(-1), ['POST /networks/net/disconnect {"Container":"c1","Force":true}']);
});

networks('volumes are asked for by labels; an engine without any says null', async (context) => {
  context.answer = [200, { Volumes: [{ Name: 'a' }, { Name: 'b' }] }];
  assert.equal(await listVolumes(context.engine, { app: 'k3d', x: 'y' }), ['a', 'b']);
  assert.equal(context.asked, ['GET /volumes?filters={"label":["app=k3d","x=y"]}']);
  context.answer = [200, { Volumes: null }];
  assert.equal(await listVolumes(context.engine, {}), []);
});

networks.run();
