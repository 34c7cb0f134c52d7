/** What `why --host` says of a name that has no address here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainAddress } from '../../../src/policy/explain/explain-address.ts';
import type { FlagNet } from '../../../src/policy/resolve/policy-request.ts';
import { resolveIn, temporary } from '../support.ts';

test('a closed network is the reason, and a missing address only where rules open something', (t) => {
  const home = temporary(t);
  const details = (network: readonly FlagNet[]) => {
    const policy = resolveIn(home, { blockNetwork: true, network });
    const asked = { protocol: 'tcp', operation: 'connect', port: 443, address: undefined } as const;
    const found = explainAddress(policy, asked, undefined);
    assert.equal(found.status, 'denied');
    return found.details;
  };
  assert.equal(details([]), 'no rule opens it; the name has no address here, so only its port can be opened');
  const one = { flag: '--allow-connect', form: 'connect', text: '192.0.2.1:443' } as const;
  assert.equal(details([one]), 'the name has no address here, so only its port can be opened');
});
