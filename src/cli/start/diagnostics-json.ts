/** `--diagnostics-json`: what the footer says, for programs. One line. */
import { sourceName } from '../../policy/explain/describe.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { netPath, netTarget, netText } from '../../session/rows/net-target.ts';
import { type DenialList, smallestFlag, smallestNetFlag } from './denials.ts';

/** Reasons that a flag answers; a rule that denies is lifted by nothing that is suggested here. */
const grantable = ['not-granted', 'insufficient-access'];

export function diagnosticsJson(denials: DenialList, policy: ResolvedPolicy, exitCode: number): string {
  const { paths, nets, dropped } = denials.entries();
  const files = paths.map(({ record, access, count }) => {
    const rule = policy.rules.find((one) => one.id === record.ruleId && one.verdict === 'deny');
    return {
      kind: 'path',
      path: record.path,
      access,
      reason: record.reason,
      count,
      ...(rule === undefined ? {} : { policy_source: sourceName(rule) }),
      ...(grantable.includes(record.reason) && policy.manifest === undefined
        ? { suggested_flag: smallestFlag(record.path, access, record.object) }
        : {}),
    };
  });
  const addresses = nets.map(({ record, count }) => ({
    kind: 'network',
    endpoint: netText(netPath(netTarget(record))),
    access: netTarget(record).operation === 'bind' ? 'listen' : 'connect',
    reason: record.reason,
    count,
    ...(policy.manifest === undefined ? { suggested_flag: smallestNetFlag(record) } : {}),
  }));
  const isSocket = (denial: { readonly access: string }): boolean => denial.access === 'connect';
  return JSON.stringify({
    exit_code: exitCode,
    denials: [...files.filter((file) => !isSocket(file)), ...addresses],
    ipc_denials: files.filter(isSocket),
    violations: [],
    diagnostics: dropped > 0 ? [`${dropped} more were denied and are not listed`] : [],
  });
}
