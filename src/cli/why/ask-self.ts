/** The policy of the session that this process runs in, asked of its supervisor: no variable, file or descriptor that something inside could replace. */
import { readFileSync } from 'node:fs';
import { NonoError } from '../../platform/errors.ts';
import { nativeProgram } from '../../platform/installation.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { netRuleText } from '../../policy/resolve/resolve-network.ts';
import { decodeSessionRecord, RecordError, type SessionRecord } from '../../sandbox/linux/session-record.ts';
import { policyFromJson } from '../policy/policy-record.ts';

const NO_SESSION = 1;
const MAX_BYTES = 80 * 1024 * 1024;

/** `unknown`: this process is confined by something that cannot be asked: `nono wrap`, which leaves nobody behind, or another sandbox. */
export type Self =
  | { readonly kind: 'session'; readonly policy: ResolvedPolicy; readonly narrowed: boolean }
  | { readonly kind: 'not_sandboxed' | 'unknown'; readonly message: string };

/** The start's policy with what was granted since. */
export function policyOf(record: SessionRecord): ResolvedPolicy {
  const policy = policyFromJson(record.policy);
  const rules = record.rules.map((rule) => ({ ...rule, raw: rule.path, source: 'session' }));
  const net = record.netRules.map((rule) => {
    const named = { ...rule, raw: 'granted in this session', source: 'session' };
    return { ...named, raw: netRuleText(named) };
  });
  const netRules = [...(policy.netRules ?? []), ...net];
  return {
    ...policy,
    rules: [...policy.rules, ...rules],
    ...(policy.netRules === undefined && net.length === 0 ? {} : { netRules }),
  };
}

/** Whether this process can gain no rights and is filtered: then something confines it. So it is where it may not even be asked. */
function confined(): boolean {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    return true;
  }
  return /^NoNewPrivs:\s+1/m.test(status) && /^Seccomp:\s+2/m.test(status);
}

export function askSelf(): Self {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const asked = spawnSync(nativeProgram('nono-launch'), ['--session'], { env: {}, maxBuffer: MAX_BYTES });
  if (asked.status === 0) {
    try {
      const record = decodeSessionRecord(asked.stdout);
      return { kind: 'session', policy: policyOf(record), narrowed: record.narrowed };
    } catch (error) {
      if (!(error instanceof RecordError || error instanceof SyntaxError)) throw error;
    }
  }
  if (asked.status !== NO_SESSION)
    throw new NonoError('io', 'the session could not be asked for its policy', {
      hint: 'start the question again, or ask outside with the flags of the session',
    });
  if (!confined()) return { kind: 'not_sandboxed', message: 'This process does not run inside a nono session.' };
  return {
    kind: 'unknown',
    message:
      'This process is confined, and there is no supervisor to ask: nono wrap leaves none behind, and other sandboxes look the same from inside.',
  };
}
