/** What the session behind a screen, or behind lines of text, is told of what the command line decided. */
import type { ControllerOptions } from './controller-options.ts';
import { type InteractiveRequest, nextRuleId } from './interactive-request.ts';
import { runCopyCommand } from './pane/copy-command.ts';
import { denyRule, ruleTables } from './rows/row-text.ts';

type FromPolicy = 'saver' | 'firstRuleId' | 'isFixed' | 'fromGroup' | 'now' | 'nameServers' | 'keymap';

/** Of every session. */
export function requestOptions({ policy, profileSaver, keymap }: InteractiveRequest) {
  const rules = ruleTables(policy);
  return {
    saver: profileSaver,
    firstRuleId: nextRuleId([...rules.paths, ...rules.net]),
    isFixed: (id) => policy.rules[id]?.fixed === true,
    fromGroup: (row) => denyRule(row, rules)?.source.startsWith('group:') === true,
    now: Date.now,
    nameServers: () => process.getBuiltinModule('node:dns').getServers(),
    keymap,
  } satisfies Pick<ControllerOptions, FromPolicy>;
}

type OfPane = 'opening' | 'layout' | 'mouse' | 'clipboard' | 'copyCommand';

/** Of one with a pane. */
export function paneOptions(request: InteractiveRequest): Pick<ControllerOptions, OfPane> {
  const { opening, layout, mouse, clipboard, copyCommand, env } = request;
  const copying = copyCommand && {
    name: copyCommand[0] ?? '',
    take: (text: string) => runCopyCommand(copyCommand, text, env),
  };
  return {
    opening,
    layout: layout?.wish,
    mouse,
    clipboard,
    ...(copying === undefined ? {} : { copyCommand: copying }),
  };
}
