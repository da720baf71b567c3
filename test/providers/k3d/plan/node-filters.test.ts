import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseNodes, splitFilters, withFilters } from '../../../../scripts/providers/k3d/plan/node-filters.ts';

const filters = suite('node filters');
const refusal = (chosen: unknown): string => (typeof chosen === 'string' ? chosen : 'accepted');
const three = { servers: 1, agents: 2, loadBalancer: false };

filters('chooses by group and subset as k3d does', () => {
  assert.equal(chooseNodes(['server:0', 'agent:*'], three), { servers: [0], agents: [0, 1], loadBalancer: false });
  assert.equal(chooseNodes(['agents:1'], three), { servers: [], agents: [1], loadBalancer: false });
  assert.equal(chooseNodes(['agent:0-1'], three), { servers: [], agents: [0, 1], loadBalancer: false });
  assert.equal(chooseNodes(['agent:-0'], three), { servers: [], agents: [0], loadBalancer: false });
  assert.equal(chooseNodes(['agent:1-'], three), { servers: [], agents: [1], loadBalancer: false });
  assert.equal(chooseNodes(['agent:0,1'], three), { servers: [], agents: [0, 1], loadBalancer: false });
  assert.equal(chooseNodes(['all'], { ...three, loadBalancer: true }), {
    servers: [0],
    agents: [0, 1],
    loadBalancer: true,
  });
  assert.equal(chooseNodes(['server:0:direct'], three), { servers: [0], agents: [], loadBalancer: false });
});

filters('needs no filter with a single node, and one with several; the load balancer counts', () => {
  const one = { servers: 1, agents: 0, loadBalancer: false };
  assert.equal(chooseNodes([], one), { servers: [0], agents: [], loadBalancer: false });
  assert.match(
    refusal(chooseNodes([], { ...one, loadBalancer: true })),
    /a node filter is needed, as there are 2 nodes/,
  );
  assert.match(refusal(chooseNodes([], three)), /there are 3 nodes/);
});

filters('refuses what k3d refuses', () => {
  assert.match(refusal(chooseNodes(['server'], three)), /"server" lacks a subset; write "server:\*"/);
  assert.match(refusal(chooseNodes(['agent:2'], three)), /chooses agent 2 of 2/);
  assert.match(refusal(chooseNodes(['worker:0'], three)), /no node filter/);
  assert.match(refusal(chooseNodes(['loadbalancer'], three)), /there is none/);
});

filters('writes and reads flag values, an @ of the value itself escaped', () => {
  assert.is(withFilters('--disable=traefik', ['server:*', 'agent:0']), '--disable=traefik@server:*;agent:0');
  assert.is(withFilters('MAIL=a@b', ['all']), 'MAIL=a\\@b@all');
  assert.is(withFilters('--debug', []), '--debug');
  assert.equal(splitFilters('8080:80@server:0:direct'), { value: '8080:80', filters: ['server:0:direct'] });
  assert.equal(splitFilters('MAIL=a\\@b@server:0;agent:*'), { value: 'MAIL=a@b', filters: ['server:0', 'agent:*'] });
  assert.equal(splitFilters('8080:80'), { value: '8080:80', filters: [] });
});

filters.run();
