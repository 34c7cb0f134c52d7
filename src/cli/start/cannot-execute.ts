/** Why a start has failed, as far as it can be told from outside, and what to do. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { decide } from '../../policy/decide/decide.ts';
import type { PolicyRule } from '../../policy/model.ts';
import { quoted } from '../output/quote.ts';
import { smallestFlag } from './denials.ts';

const ENOENT = 2;
const EACCES = 13;

export interface FailedStep {
  readonly step: string;
  readonly object: string;
  readonly errno: number;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined where the system's own word has to do. */
export function executionHint(
  { step, object, errno }: FailedStep,
  policy: { readonly rules: readonly PolicyRule[] },
): string | undefined {
  if (step === 'find the command' && errno === ENOENT && !object.includes('/')) return 'no directory of PATH has it';
  if (step === 'limit the number of processes' && errno === 0) return '--allow-degraded starts without this limit';
  if (step !== 'execute the command') return undefined;
  let real: string;
  let isDirectory: boolean;
  try {
    // What is granted is what a link leads to.
    real = realpathSync(object);
    isDirectory = statSync(real).isDirectory();
  } catch {
    return undefined;
  }
  if (errno === ENOENT) return 'the interpreter that its first line names does not exist';
  if (errno !== EACCES) return undefined;
  if (isDirectory) return 'it is a directory';
  if (!isExecutable(real)) return `it is not executable: chmod +x ${quoted(object)}`;
  const decision = decide(policy, { path: real, access: 'read' });
  if (decision.verdict === 'allow') return undefined;
  return decision.reason === 'denied-by-rule'
    ? `denied by ${decision.rule.source}`
    : `${smallestFlag(real, 'read', 'file')} grants it`;
}
