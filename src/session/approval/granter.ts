/** Carries approvals out: sends the rules, saves to the profile first when that was asked for, marks the rows, and takes things back. */

import { NonoError } from '../../platform/errors.ts';
import { createRealPathResolver } from '../../policy/resolve/real-path.ts';
import type { SupervisorCommand } from '../../sandbox/linux/wire.ts';
import { policyNow } from '../commands/policy-now.ts';
import type { SessionController } from '../controller.ts';
import { type EditedLine, lineOf } from '../dialog/line-editor.ts';
import { keyFor } from '../keys/key-words.ts';
import type { DenialRow, Scope } from '../rows/denial-row.ts';
import type { DenialList } from '../rows/denials.ts';
import {
  type AddCommand,
  grantRule,
  grantRules,
  overrideRule,
  pathCovered,
  ruleCommands,
  ruleCovers,
  rulesCover,
  ruleText,
  takeBack,
  verdicts,
} from './approvals.ts';
import { coverage, coverageText } from './coverage.ts';
import { editableText, editedRule } from './edited-rule.ts';
import { type Grant, GrantJournal } from './grant-journal.ts';
import type { ApprovedPath, GrantRule, SavedRule } from './profile-saver.ts';
import { ProfileWait } from './profile-wait.ts';

/** With what to do about it: it is the only line that the user gets. */
function reason(error: unknown): string {
  if (error instanceof NonoError && error.hint !== undefined) return `${error.message} (${error.hint})`;
  return error instanceof Error ? error.message : String(error);
}

const goOn = (calls: number): string => `the ${calls === 1 ? 'call continues' : `${calls} calls continue`}`;

const BUSY = 'nothing done: still busy with the last one';

export class Granter {
  readonly journal = new GrantJournal();
  readonly wait: ProfileWait;
  /** Resolves when the last save is done, or has failed. */
  saving: Promise<void> = Promise.resolve();
  readonly #session: SessionController;
  #nextRuleId: number;
  #busy = false;
  readonly #takenBack: GrantRule[] = [];

  constructor(session: SessionController) {
    this.#session = session;
    this.#nextRuleId = session.options.firstRuleId;
    this.wait = new ProfileWait((text) => session.sayKeys(`${text}; {back} gives up`));
  }

  once(row: DenialRow): void {
    if (row.kind !== 'path') {
      this.#session.sayKeys(
        'many paths: unfold ({unfold}) and choose one, or allow the directory ({allow-session}, {allow-profile})',
      );
      return;
    }
    if (row.holds.size === 0) {
      const rules = grantRules(row, this.#session.ui.target);
      this.#session.sayKeys(
        'refused' in rules
          ? rules.refused
          : 'no call waits here: {allow-session} or {allow-profile} allow the next one',
      );
      return;
    }
    for (const verdict of verdicts(row, true)) this.#session.options.send(verdict);
    row.grant = 'once';
    this.#session.say(`allowed once: ${goOn(row.holds.size)}`);
  }

  session(row: DenialRow): void {
    const rules = grantRules(row, this.#session.ui.target);
    if ('refused' in rules) this.#session.sayKeys(rules.refused);
    else this.#enforce(rules, undefined);
  }

  /** Opens the confirmation; nothing is granted yet. */
  askToSave(row: DenialRow): void {
    const rules = grantRules(row, this.#session.ui.target);
    if ('refused' in rules) {
      this.#session.sayKeys(rules.refused);
      return;
    }
    const preview = this.#preview(rules);
    if (preview !== undefined) this.#session.ui.dialog = { kind: 'save', row, rules, preview };
  }

  askToOverride(row: DenialRow): void {
    // Rules on addresses are numbered apart.
    const fixed = row.net === undefined && this.#session.options.isFixed?.(row.ruleId) === true;
    const rule = fixed ? { refused: 'this belongs to nono itself: nothing lifts it' } : overrideRule(row);
    if ('refused' in rule) {
      this.#session.sayKeys(rule.refused);
      return;
    }
    this.#session.ui.dialog = { kind: 'override', row, rule, typed: '' };
  }

  confirmOverride(row: DenialRow, rule: GrantRule): void {
    const preview = this.#preview([rule]);
    if (preview === undefined) return;
    // What guards keys and credentials is lifted for now, never for good by two keys.
    const always = this.#session.options.fromGroup?.(row) !== true;
    this.#session.ui.dialog = { kind: 'override-confirm', row, rule, preview: always ? preview : [], always };
  }

  /** Opens the edit line at the rule that the row would get. */
  askToEdit(row: DenialRow): void {
    const rule = grantRule(row, row.kind === 'fold' ? 'directory' : this.#session.ui.target);
    if ('refused' in rule) this.#session.sayKeys(rule.refused);
    else if ('endpoint' in rule)
      this.#session.sayKeys('an address has no pattern: {toggle-target} chooses host and port');
    else if (row.other !== undefined && !row.other.allowed)
      this.#session.sayKeys('two paths are asked for: {allow-session} or {allow-profile} allow both');
    else this.editTo(row, lineOf(editableText(rule)));
  }

  editTo(row: DenialRow, line: EditedLine): void {
    const { options, list } = this.#session;
    const { doors } = options;
    const resolve = doors && createRealPathResolver(doors.fileSystem());
    const rule = editedRule(line.text, row.access, doors?.home ?? '', (path) => resolve?.(path).path ?? path);
    this.#session.ui.dialog = {
      kind: 'edit',
      row,
      line,
      rule,
      covers: 'refused' in rule ? [] : this.#covers(rule, row, list),
    };
  }

  #covers(rule: ApprovedPath, row: DenialRow, list: DenialList): readonly string[] {
    const { doors, clock } = this.#session.options;
    let rows = 0;
    let waiting = 0;
    for (const one of list.all()) {
      if (!ruleCovers(rule, one)) continue;
      rows += 1;
      waiting += one.kind === 'path' ? one.holds.size : 0;
    }
    const there =
      doors === undefined
        ? []
        : [coverageText(coverage(rule, policyNow(doors, this.journal.grants), doors.fileSystem(), () => clock.now()))];
    return [
      ...there,
      `${rows} of the rows in the list${waiting > 0 ? `, ${waiting} waiting` : ''}`,
      ...(ruleCovers(rule, row) ? [] : ['not the row it was made from']),
    ];
  }

  /** The question of the command line and of the edit line; nothing is granted yet. */
  askToGrant(rule: GrantRule, covers: readonly string[] = []): void {
    // Profiles grant no patterns, so there is no change to show.
    const preview = 'path' in rule && rule.kind === 'pattern' ? [] : this.#preview([rule]);
    if (preview !== undefined) this.#session.ui.dialog = { kind: 'grant', rules: [rule], preview, covers };
  }

  /** Whether a pattern that was granted covers a call that waits; the supervisor knows paths and directories only, so it is answered from here. */
  patternAllows(row: DenialRow): boolean {
    const rules = this.journal.grants.flatMap((grant) => grant.rules);
    const patterns = rules.filter((rule) => 'path' in rule && rule.kind === 'pattern');
    if (!patterns.some((rule) => ruleCovers(rule, row))) return false;
    const { other, access } = row;
    // A name that is no text could be another one that looks the same to a pattern.
    if (row.path.includes('\ufffd') || other?.path.includes('\ufffd')) return false;
    if (other === undefined) return true;
    const covers = (rule: GrantRule): boolean => pathCovered(rule, other.path, access);
    // What allowed the other path when the call came may have been taken back since.
    return rules.some(covers) || (other.allowed && !this.#takenBack.some(covers));
  }

  grantForSession(rules: readonly GrantRule[]): void {
    this.#enforce(rules, undefined);
  }

  overrideForSession(rule: GrantRule): void {
    this.#enforce([rule], undefined);
  }

  /** Saves first: when that fails, nothing is granted. */
  saveAndAllow(rules: readonly GrantRule[]): Promise<void> {
    if (this.#busy) this.#session.say(BUSY);
    else this.saving = this.#save(rules);
    return this.saving;
  }

  async #save(rules: readonly GrantRule[]): Promise<void> {
    this.#busy = true;
    try {
      const { saver } = this.#session.options;
      this.#enforce(rules, await this.wait.during((wait) => saver.save(rules, wait)));
    } catch (error) {
      this.#session.say(`not saved, so not allowed: ${reason(error)}`);
    } finally {
      this.#busy = false;
      this.#session.options.changed(true);
    }
  }

  /** Answers no to what waits, and to what will come, until it is taken back. */
  deny(row: DenialRow): void {
    const { list, options } = this.#session;
    if (row.muted && row.holds.size === 0) {
      list.mute(row, false);
      this.#session.say('asked about again from now on');
      return;
    }
    for (const verdict of verdicts(row, false)) options.send(verdict);
    list.mute(row, true);
    this.#session.sayKeys(
      this.#session.ui.hideMuted
        ? 'denied, also from now on, and hidden: {hide-muted} shows it'
        : 'denied, also from now on; {deny} takes that back',
    );
    this.#session.keepSelection();
  }

  async undo(): Promise<void> {
    const grant = this.journal.last;
    if (grant === undefined) return this.#session.say('nothing to take back');
    this.#session.say(await this.takeBack(grant));
    this.#session.options.changed(true);
  }

  /** Out of force first, then out of the profile. Resolves with one line about what happened; never rejects. */
  async takeBack(grant: Grant): Promise<string> {
    if (this.#busy) return BUSY;
    this.#busy = true;
    try {
      for (const command of grant.takeBack) this.#session.options.send(command);
      this.journal.remove(grant);
      this.#takenBack.push(...grant.rules);
      this.#unmark(grant);
      const { saved } = grant;
      const { saver } = this.#session.options;
      if (saved !== undefined) await this.wait.during((wait) => saver.undo(saved, wait));
      return `taken back: ${grant.rules.map(ruleText).join('; ')}`;
    } catch (error) {
      return `denied again, but the profile still holds the rule: ${reason(error)}`;
    } finally {
      this.#busy = false;
    }
  }

  #preview(rules: readonly GrantRule[]): readonly string[] | undefined {
    try {
      const change = this.#session.options.saver.preview(rules);
      // A file and nothing below it would look like a change that is not shown.
      return change.length === 1 ? [...change, 'nothing to change: it holds this already'] : change;
    } catch (error) {
      this.#session.say(`cannot be saved: ${reason(error)}`);
      return undefined;
    }
  }

  #enforce(rules: readonly GrantRule[], saved: SavedRule | undefined): void {
    const back: SupervisorCommand[] = [];
    const sent: AddCommand[] = [];
    for (const rule of rules) {
      const commands = ruleCommands(rule, this.#nextRuleId);
      this.#nextRuleId += commands.length;
      for (const command of commands) {
        this.#session.options.send(command);
        sent.push(command);
        back.push(takeBack(rule, command.type === 'add-rule' ? command.id : command.rule.id));
      }
    }
    this.journal.add({ rules, takeBack: back, saved, commands: sent, at: this.#session.options.now() });
    this.#answerPatterns();
    const lifts = rules.some((rule) => rule.verdict === 'override');
    const waiting = this.#mark(rules, lifts ? 'override' : saved === undefined ? 'session' : 'profile');
    const how = saved === undefined ? 'allowed for this session' : `saved to profile ${saved.profile}`;
    const { options, keymap, listHasKeys } = this.#session;
    const again =
      options.again === undefined || !listHasKeys
        ? 'run it again'
        : `${keyFor(keymap, 'list', 'again')} brings the command back`;
    this.#session.say(`${how}: ${waiting > 0 ? goOn(waiting) : `effective now, ${again}`}`);
  }

  #answerPatterns(): void {
    for (const row of this.#session.list.all()) {
      if (row.kind !== 'path' || row.holds.size === 0 || row.muted || !this.patternAllows(row)) continue;
      for (const verdict of verdicts(row, true)) this.#session.options.send(verdict);
    }
  }

  /** How many calls waited for it. */
  #mark(rules: readonly GrantRule[], scope: Scope | 'override'): number {
    let waiting = 0;
    for (const row of this.#session.list.all()) {
      if (!rulesCover(rules, row)) continue;
      // A row that sums others up counts theirs once more.
      if (row.kind === 'path') waiting += row.holds.size;
      row.grant = scope;
    }
    return waiting;
  }

  #unmark(grant: Grant): void {
    for (const row of this.#session.list.all()) {
      if (!rulesCover(grant.rules, row)) continue;
      row.grant = undefined;
      // What went through was not denied, and is not counted as that.
      if (row.holds.size === 0 && row.outcome === 'allowed') row.outcome = 'revoked';
    }
  }
}
