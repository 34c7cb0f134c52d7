import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/config/nearest.ts';

test('a slip of a letter or two; else the only word that begins so', () => {
  const known = ['ssh_agent_socket', 'docker_socket', 'dbus_session_socket', 'dbus_system_socket'];
  assert.equal(nearest('docker_sockt', known), 'docker_socket');
  assert.equal(nearest('ssh_agent', known), 'ssh_agent_socket');
  // Two begin so, and neither is near.
  assert.equal(nearest('dbus', known), undefined);
  assert.equal(nearest('ss', known), undefined);
  assert.equal(nearest('quite_another', known), undefined);
});
