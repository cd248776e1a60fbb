import { hostPort, reachable } from '../../src/lib/host-port.ts';
import { assert, describe } from '../support/suite.ts';

describe('addresses as text', (it) => {
  it('bracket IPv6; a unix socket is its path', () => {
    assert.is(hostPort({ address: '127.0.0.1', port: 80 }), '127.0.0.1:80');
    assert.is(hostPort({ address: '::1', port: 80 }), '[::1]:80');
    assert.is(hostPort({ address: '/run/a:b.sock', port: 0 }), '/run/a:b.sock');
  });

  it('name this machine where all of its addresses are listened on', () => {
    assert.is(hostPort(reachable({ address: '0.0.0.0', port: 80 })), '127.0.0.1:80');
    assert.is(hostPort(reachable({ address: '::', port: 80 })), '[::1]:80');
    assert.is(hostPort(reachable({ address: '10.0.0.7', port: 80 })), '10.0.0.7:80');
  });
});
