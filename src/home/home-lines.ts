/** The home as lines of text: numbers to choose from, nothing drawn. For screen readers and terminals that cannot draw. */
import { visibleText } from '../terminal/visible-text.ts';
import { hanging } from '../terminal/wrap.ts';
import { SECTIONS } from './home-list.ts';
import type { HomeItem } from './home-state.ts';
import type { ChosenShell } from './run-home.ts';

type HomeAnswer =
  | HomeItem['opens']
  | { readonly kind: 'leave' }
  | { readonly kind: 'groups' }
  | { readonly kind: 'again' };

/** Groups are many, and nothing is started with one: they are listed when asked for. */
function homeText(items: readonly HomeItem[], groups: boolean): string {
  const lines: string[] = [];
  items.forEach((item, i) => {
    if ((item.section === 'groups') !== groups) return;
    if (item.section !== items[i - 1]?.section) lines.push(`${SECTIONS[item.section]}:`);
    lines.push(`${i + 1}. ${visibleText(item.title)}: ${visibleText(item.about)}`);
  });
  return `${lines.join('\n')}\n`;
}

const HOME_PROMPT = 'A number opens, i and a number describes, g lists policy groups, Enter leaves: ';

function homeAnswer(items: readonly HomeItem[], line: string): HomeAnswer {
  const word = line.trim();
  if (word === '' || word === 'q') return { kind: 'leave' };
  if (word === 'g') return { kind: 'groups' };
  const [, details, number] = /^(i?) *(\d{1,6})$/.exec(word) ?? [];
  const item = number === undefined ? undefined : items[Number(number) - 1];
  if (item === undefined || (details === 'i' && item.details === undefined)) return { kind: 'again' };
  return details === 'i' ? { kind: 'page', words: item.details ?? [] } : item.opens;
}

const LEAST_COLUMNS = 20;

export interface HomeLinesDoors {
  /** Columns of the terminal, which would break lines in the middle of a word. */
  readonly columns: number;
  readonly say: (text: string) => void;
  /** Undefined at the end of the input. */
  readonly ask: (prompt: string) => string | undefined;
  readonly read: (words: readonly string[]) => Promise<string>;
}

export async function runHomeLines(
  items: readonly HomeItem[],
  doors: HomeLinesDoors,
): Promise<ChosenShell | undefined> {
  const folded = (text: string): string =>
    text
      .split('\n')
      .flatMap((line) => hanging(line, Math.max(LEAST_COLUMNS, doors.columns - 1)))
      .join('\n');
  const say = (text: string): void => doors.say(folded(text));
  say(`nono: a sandbox for any command\n${homeText(items, false)}`);
  // What is typed stands behind it.
  const prompt = `${folded(HOME_PROMPT.trimEnd())} `;
  for (;;) {
    const line = doors.ask(prompt);
    if (line === undefined) return undefined;
    const answer = homeAnswer(items, line);
    if (answer.kind === 'leave') return undefined;
    if (answer.kind === 'shell') return { directory: answer.directory, profile: answer.profile };
    if (answer.kind === 'groups') say(homeText(items, true));
    else if (answer.kind === 'again') say('That is none of the choices.\n');
    else if (answer.kind === 'page') {
      try {
        const text = (await doors.read(answer.words)).trimEnd();
        say(`${text.split('\n').map(visibleText).join('\n')}\n`);
      } catch (error) {
        say(`${visibleText(error instanceof Error ? error.message : String(error))}\n`);
      }
    }
  }
}
