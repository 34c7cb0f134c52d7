/** The line between pane and list; below the pane it also heads the list. */
import { Box, Text } from 'ink';
import type { Color, Line } from '../src/session/screen/chrome-model.ts';
import type { Rect } from '../src/terminal/geometry.ts';
import { textWidth } from '../src/terminal/visible-text.ts';
import { Spans } from './spans.tsx';
import { glyphs } from './theme.ts';

export interface DividerProps {
  readonly rect: Rect;
  readonly header: Line;
  readonly color: Color;
  readonly ascii: boolean;
}

export function Divider({ rect, header, color, ascii }: DividerProps) {
  const { vertical, horizontal } = glyphs(ascii);
  if (rect.width === 1) return <Text dimColor>{Array.from({ length: rect.height }, () => vertical).join('\n')}</Text>;
  const used = header.reduce((n, s) => n + textWidth(s.text), 0) + 4;
  return (
    <Box width={rect.width} height={1} overflow="hidden">
      <Text dimColor>{`${horizontal} `}</Text>
      <Spans line={header} color={color} ascii={ascii} />
      <Text dimColor wrap="truncate">{` ${horizontal.repeat(Math.max(0, rect.width - used + 1))}`}</Text>
    </Box>
  );
}
