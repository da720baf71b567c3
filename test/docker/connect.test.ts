// How an address of an engine becomes a connection: the port that is meant, names and numbers, sockets, ssh.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { routeTo } from '../../scripts/docker/connect.ts';

const routes = suite('routes to an engine');

routes('TCP: the port of the address, else 2375; an IPv6 address without its brackets', () => {
  const at = (host: string): unknown => {
    const { tls, options, agent } = routeTo({ host, source: 'DOCKER_HOST' });
    agent.destroy();
    return { tls, ...options };
  };
  assert.equal(at('tcp://engine:1234'), { tls: false, hostname: 'engine', port: '1234' });
  assert.equal(at('tcp://engine'), { tls: false, hostname: 'engine', port: '2375' });
  assert.equal(at('tcp://[::1]:9'), { tls: false, hostname: '::1', port: '9' });
  assert.equal(at('unix:///run/d.sock'), { tls: false, socketPath: '/run/d.sock' });
  assert.equal(at('ssh://me@far:22'), { tls: false, hostname: 'docker' });
});

routes.run();
