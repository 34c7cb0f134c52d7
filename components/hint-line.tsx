/** The last row: what the keys do now, or a message. Never wraps: hints that do not fit are left out, the last one stays. */
import { Box, Text } from 'ink';
import type { Hint } from '../src/session/keys/keymap.ts';
import { cutEnd } from '../src/terminal/visible-text.ts';
import { fittingHints, GAP, hintRoom } from './fitting-hints.ts';
import { glyphs, plainGlyphs } from './theme.ts';

export interface HintLineProps {
  readonly hints: readonly Hint[];
  readonly message: string;
  readonly alert: string;
  readonly width: number;
  readonly ascii: boolean;
}

export function HintLine({ hints, message, alert, width, ascii }: HintLineProps) {
  // What waits is always said, also beside a message.
  const room = hintRoom(width, alert);
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
