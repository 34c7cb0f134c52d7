/** Decisions as test/native/drivers/decide.c prints them. */
import type { Decision } from '../../../src/policy/model.ts';
import { NO_RULE, reasons } from '../../../src/sandbox/linux/constants.ts';

/** Whether it is allowed, the reason when not, the rule that spoke. */
export function answerOf(decision: Decision): string {
  if (decision.verdict === 'allow') return `1 0 ${decision.rule.id}`;
  return `0 ${reasons.indexOf(decision.reason)} ${decision.reason === 'denied-by-rule' ? decision.rule.id : NO_RULE}`;
}
