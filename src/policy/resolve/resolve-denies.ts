/** Denies of every source, and what lifts them. */
import { NonoError } from '../../platform/errors.ts';
import { decide } from '../decide/decide.ts';
import type { PolicyRule } from '../model.ts';
import { parentOf } from '../paths.ts';
import { escapePattern, isInSystemDirectory, isPattern } from '../pattern/pattern.ts';
import type { Written } from '../profile/profile.ts';
import { isOwnProtection } from './protection.ts';
import { flagPath, isUsers, locate, type Resolving } from './resolving.ts';
import type { RuleOrigin } from './rule-list.ts';
import { expandPath, expandPattern, PathProblem } from './variables.ts';

export function addDeny(r: Resolving, written: string, origin: RuleOrigin): void {
  if (isPattern(written)) {
    const pattern = expandPattern(written, r.variables);
    if (pattern !== undefined) r.rules.denyPattern(pattern, origin);
    return;
  }
  const path = expandPath(written, r.variables);
  if (path !== undefined) r.rules.deny(path, 'readwrite', origin);
}

export function addProfileDeny(r: Resolving, word: Written): void {
  locate(r, word, () => addDeny(r, word.text, { source: `profile:${r.profile.name}`, raw: word.text, at: word.at }));
}

export function addFlagDeny(r: Resolving, raw: string): void {
  const origin = { source: 'cli:--deny', raw };
  try {
    if (isPattern(raw)) addDeny(r, raw, origin);
    else r.rules.deny(flagPath(r, raw, '--deny'), 'readwrite', origin);
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    throw new NonoError(
      'path-invalid',
      `--deny ${raw}: ${error.message}`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}

/** A pattern holds where something is made for later: below the working directory, and what a flag lets be written. Not in caches or /tmp. */
export function addProtection(r: Resolving, raw: string, written: RuleOrigin, inBulk = false): void {
  const bulk = inBulk ? r.closed : r.bulk;
  // Only what looks for its beginning anywhere can leave places out.
  const origin: RuleOrigin =
    raw.startsWith('**/') && bulk.length > 0 ? { ...written, bulk, ...(inBulk ? { deep: true } : {}) } : written;
  if (!isPattern(raw)) {
    const path = expandPath(raw, r.variables);
    if (path !== undefined) r.rules.deny(path, 'write', origin);
    return;
  }
  if (r.request.supervised === false) return;
  const flags = (r.request.grants ?? []).filter((one) => one.access !== 'read' && one.expect === 'directory');
  const roots = [r.request.workdir, ...flags.map((one) => flagPath(r, one.path, one.flag))];
  for (const root of new Set(roots.map((path) => r.rules.real(path).path)))
    r.rules.denyPattern(`${root === '/' ? '' : escapePattern(root)}/${raw}`, origin, 'write');
}

/** A pattern for anywhere leaves the system's directories out, but not what the user granted in one of them. */
export function meanGrantsInSystemDirectories(r: Resolving): void {
  const rules = r.rules.list();
  const grants = rules.filter((rule) => rule.verdict === 'allow' && isUsers(rule) && isInSystemDirectory(rule.path));
  for (const deny of rules) {
    if (deny.verdict !== 'deny' || deny.kind !== 'pattern' || !deny.path.startsWith('/**/')) continue;
    const { source, raw, at, why, bulk, deep } = deny;
    const said = { ...(at === undefined ? {} : { at }), ...(why === undefined ? {} : { why }) };
    const origin = { source, raw, ...said, ...(bulk === undefined ? {} : { bulk }), ...(deep ? { deep } : {}) };
    for (const grant of grants) {
      const under = grant.kind === 'tree' ? grant.path : parentOf(grant.path);
      r.rules.denyPattern(
        `${under === '/' ? '' : escapePattern(under)}${deny.path}`,
        origin,
        deny.access === 'writeconnect' ? 'write' : 'readwrite',
      );
    }
  }
}

export function addOverrides(r: Resolving): void {
  for (const word of r.profile.overrides) {
    const path = locate(r, word, () => expandPath(word.text, r.variables));
    if (path !== undefined) addOverride(r, path, word.text, `profile:${r.profile.name}`, `${word.at}: `);
  }
  for (const raw of r.request.overrideDeny ?? []) {
    addOverride(r, flagPath(r, raw, '--override-deny'), raw, 'cli:--override-deny', '');
  }
}

function addOverride(r: Resolving, path: string, raw: string, source: string, at: string): void {
  const real = r.rules.real(path).path;
  const denies = r.rules.covering('deny', real);
  const own = denies.find(isOwnProtection);
  if (own) {
    r.complain(
      new NonoError(
        'policy-invalid',
        `${at}override_deny '${raw}' would open ${own.raw}, which belongs to nono itself`,
        { hint: 'no flag or profile lifts this' },
      ),
    );
    return;
  }
  if (!r.rules.covering('allow', real).some(isUsers)) {
    r.complain(
      new NonoError('policy-invalid', `${at}override_deny '${raw}' has no matching grant`, {
        hint:
          r.context.fs.kind(real) === undefined
            ? `${raw} does not exist: no flag can grant it before it does; a filesystem entry in the profile can`
            : `it lifts a deny but grants nothing: add --read, --write or --allow for ${raw}, or a filesystem entry in the profile`,
      }),
    );
    return;
  }
  r.warnings.push(
    denies.length > 0
      ? `override_deny relaxing deny rule for '${raw}'`
      : `override_deny '${raw}' lifts nothing: no rule denies it`,
  );
  r.rules.override(path, { source, raw });
}

export function warnOfIdleGrants(r: Resolving, rules: readonly PolicyRule[]): void {
  for (const rule of rules) {
    if (rule.verdict !== 'allow' || !isUsers(rule)) continue;
    const decision = decide({ rules }, { path: rule.path, access: rule.access });
    if (decision.verdict === 'allow' || decision.reason !== 'denied-by-rule') continue;
    const what = decision.rule.access === 'writeconnect' ? 'writing' : 'access';
    const remedy = isOwnProtection(decision.rule) ? '' : `; --override-deny ${rule.raw} lifts it`;
    r.warnings.push(`${rule.raw} is granted, but ${what} stays denied by ${decision.rule.source}${remedy}`);
  }
}
