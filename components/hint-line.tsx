/** The last row: what the keys do now, or a message. Never wraps: hints that do not fit are left out, the last one stays. */
import { Box, Text } from 'ink';
import { type Hint, MAX_HINTS } from '../src/session/keymap.ts';
import { cutEnd, textWidth } from '../src/terminal/visible-text.ts';
import { glyphs, plainGlyphs } from './theme.ts';

export interface HintLineProps {
  readonly hints: readonly Hint[];
  readonly message: string;
  readonly alert: string;
  readonly width: number;
  readonly ascii: boolean;
}

const GAP = 3;

/** The hints that fit in a width, the last one always among them. */
export function fittingHints(hints: readonly Hint[], width: number): readonly Hint[] {
  const cost = (h: Hint): number => textWidth(h.key) + 1 + textWidth(h.text) + GAP;
  const last = hints.at(-1);
  if (last === undefined) return [];
  const kept: Hint[] = [];
  let room = width - cost(last) + GAP;
  for (const hint of hints.slice(0, -1).slice(0, MAX_HINTS - 1)) {
    room -= cost(hint);
    if (room < 0) break;
    kept.push(hint);
  }
  return [...kept, last];
}

export function HintLine({ hints, message, alert, width, ascii }: HintLineProps) {
  // What waits is always said, also beside a message.
  const room = width - 2 - (alert === '' ? 0 : textWidth(alert) + 2 + GAP);
  return (
    <Box width={width} height={1} paddingX={1} overflow="hidden">
      {alert === '' ? null : <Text inverse bold>{` ${plainGlyphs(alert, ascii)} `}</Text>}
      {alert === '' ? null : <Text>{' '.repeat(GAP)}</Text>}
      {message === '' ? (
        <Text wrap="truncate">
          {fittingHints(hints, room).map((hint, i) => (
            <Text key={hint.key}>
              {i === 0 ? '' : ' '.repeat(GAP)}
              <Text bold>{hint.key}</Text>
              <Text dimColor>{` ${hint.text}`}</Text>
            </Text>
          ))}
        </Text>
      ) : (
        <Text bold wrap="truncate">
          {cutEnd(plainGlyphs(message, ascii), room, glyphs(ascii).ellipsis)}
        </Text>
      )}
    </Box>
  );
}
