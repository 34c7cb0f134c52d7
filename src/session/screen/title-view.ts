/** The first row of the screen: what runs where, under which profile, and what became of it so far. */
import { glyphs } from '../../../components/theme.ts';
import { cutMiddle, textWidth, visibleText } from '../../terminal/visible-text.ts';
import { pathText } from '../rows/row-text.ts';
import type { ChromeModel, Line } from './chrome-model.ts';

export interface TitleFacts {
  readonly shell: string;
  readonly profile: string;
  readonly workdir: string;
  readonly home: string;
  readonly held: number;
  readonly denied: number;
  readonly ascii: boolean;
}

const NAME = 'nono';
/** A blank at both edges of the screen, and one between the two sides. */
const EDGES = 3;
/** Shorter, the end of a directory does not say which one it is. */
const LEAST_PATH = 12;

/** As much of it as `width` columns have room for: of the directory both ends, or nothing; then nothing of the shell. */
export function titleView(facts: TitleFacts, width: number): ChromeModel['title'] {
  const right = tally(facts);
  const used = right.reduce((sum, { text }) => sum + textWidth(text), 0);
  const room = width - EDGES - used - NAME.length;
  return {
    left: [
      { text: NAME, tone: 'strong' },
      { text: place(facts, room), tone: 'quiet' },
    ],
    right,
  };
}

function place({ shell, profile, workdir, home, ascii }: TitleFacts, room: number): string {
  const name = visibleText(shell.slice(shell.lastIndexOf('/') + 1));
  const under = `profile ${visibleText(profile)}`;
  const path = pathText(workdir, home);
  for (const before of [` ${name} · ${under} · `, ` ${under} · `]) {
    const left = room - textWidth(before);
    if (left >= Math.min(LEAST_PATH, textWidth(path))) return before + cutMiddle(path, left, glyphs(ascii).ellipsis);
  }
  return ` ${under}`;
}

function tally({ held, denied }: TitleFacts): Line {
  const right: Line = [
    { text: held > 0 ? `${held} held` : '', tone: 'held' },
    { text: held > 0 && denied > 0 ? ' · ' : '', tone: 'quiet' },
    { text: denied > 0 ? `${denied} denied` : held > 0 ? '' : 'nothing denied', tone: 'quiet' },
  ];
  return right.filter((span) => span.text !== '');
}
