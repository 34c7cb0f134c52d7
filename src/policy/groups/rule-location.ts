/** Where the rule of a policy group is written. Asked for by `why` alone: a start parses no group file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from 'jsonc-parser';
import { findNodeAtLocation } from 'jsonc-parser';
import { parseJsonc } from '../../config/jsonc-document.ts';
import { readTextFile } from '../../config/read-text.ts';
import type { PolicyRule } from '../model.ts';

/** The keys of a group rule that can make such a rule. */
function keysFor(rule: Pick<PolicyRule, 'verdict' | 'access'>): readonly string[] {
  if (rule.verdict === 'deny') return ['deny', 'connect'];
  if (rule.access === 'connect') return ['connect'];
  return rule.access === 'read' ? ['read', 'list'] : [rule.access];
}

function entryNode(group: Node, keys: readonly string[], raw: string): Node | undefined {
  const rules = findNodeAtLocation(group, ['rules'])?.children ?? [];
  for (const key of keys)
    for (const rule of rules) {
      const found = findNodeAtLocation(rule, [key])?.children?.find((entry) => entry.value === raw);
      if (found !== undefined) return found;
    }
  return undefined;
}

export interface GroupLocation {
  /** `file:line:column`, the file relative to the installation. */
  readonly at: string;
  readonly description: string | undefined;
}

/** Undefined when no file of the installation holds it. */
export function groupLocation(
  root: string,
  name: string,
  rule?: Pick<PolicyRule, 'verdict' | 'access' | 'raw'>,
): GroupLocation | undefined {
  const directory = join(root, 'profiles', 'groups');
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.jsonc')) continue;
    const text = readTextFile(join(directory, file));
    // Most files do not hold the group: a look at the text spares parsing them.
    if (text === undefined || !text.includes(`"${name}"`)) continue;
    const document = parseJsonc(text, `profiles/groups/${file}`);
    const group = findNodeAtLocation(document.root, [name]);
    if (group === undefined) continue;
    const entry = rule && entryNode(group, keysFor(rule), rule.raw);
    const description: unknown = findNodeAtLocation(group, ['description'])?.value;
    return {
      at: document.at((entry ?? group).offset),
      description: typeof description === 'string' ? description : undefined,
    };
  }
  return undefined;
}
