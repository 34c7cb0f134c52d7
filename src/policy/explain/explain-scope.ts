/** Whether signals and abstract sockets reach what is outside. */

import type { ResolvedPolicy } from '../model.ts';
import type { Explanation } from './explanation.ts';

/** What may leave the sandbox by something that is neither a file nor the network. */
export function explainScope(policy: ResolvedPolicy, scope: 'signal' | 'abstract-unix-socket'): Explanation {
  const scopes = policy.scopes ?? { signal: true, abstractUnix: true };
  const closed = scope === 'signal' ? scopes.signal : scopes.abstractUnix;
  if (!closed) return { status: 'allowed', reason: 'scope_open', details: `the profile opens it` };
  const inside =
    scope === 'signal' ? 'signals reach processes of the same sandbox' : 'abstract sockets made inside work';
  return {
    status: 'denied',
    reason: 'scope_isolated',
    details: `${inside}; nothing outside is reached`,
    edit:
      scope === 'signal'
        ? { key: 'security.signal_mode', value: 'allow_all' }
        : { key: 'security.ipc_mode', value: 'full' },
  };
}
