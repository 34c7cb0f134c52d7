/** A bordered page over the pane. What it says comes ready; it only draws. */
import { Box, Text } from 'ink';
import type { Color, DialogView, Line } from '../src/session/screen/chrome-model.ts';
import { cutEnd, textWidth } from '../src/terminal/visible-text.ts';
import { Spans } from './spans.tsx';
import { glyphs, plainGlyphs } from './theme.ts';

export interface DialogProps {
  readonly dialog: DialogView;
  readonly color: Color;
  readonly ascii: boolean;
}

const UNICODE = { topLeft: '╭', topRight: '╮', bottomLeft: '╰', bottomRight: '╯', horizontal: '─', vertical: '│' };
const ASCII = { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', horizontal: '-', vertical: '|' };

/** Exactly as wide as the room: what Ink leaves out would show what is underneath, and an ellipsis is wider in ASCII. */
function fitted(line: Line, width: number, ascii: boolean): Line {
  let room = width;
  const spans = line.map((span) => {
    const text = cutEnd(plainGlyphs(span.text, ascii), room, glyphs(ascii).ellipsis);
    room -= textWidth(text);
    return { ...span, text };
  });
  return [...spans, { text: ' '.repeat(Math.max(0, room)), tone: 'plain' }];
}

export function Dialog({ dialog, color, ascii }: DialogProps) {
  const { rect } = dialog;
  // The box is as high as its place, whatever stands in it: below it nothing of the screen would be seen.
  const lines = Array.from({ length: Math.max(0, rect.height - 2) }, (_, y): Line => dialog.lines[y] ?? []);
  const b = ascii ? ASCII : UNICODE;
  const title = cutEnd(plainGlyphs(dialog.title, ascii), rect.width - 6, glyphs(ascii).ellipsis);
  const after = Math.max(0, rect.width - textWidth(title) - 5);
  return (
    <Box flexDirection="column" width={rect.width} height={rect.height}>
      <Text wrap="truncate">
        {`${b.topLeft}${b.horizontal} `}
        <Text bold>{title}</Text>
        {` ${b.horizontal.repeat(after)}${b.topRight}`}
      </Text>
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Box key={i} height={1} width={rect.width} overflow="hidden">
          <Text>{`${b.vertical} `}</Text>
          <Spans line={fitted(line, rect.width - 4, ascii)} color={color} ascii={ascii} />
          <Text>{` ${b.vertical}`}</Text>
        </Box>
      ))}
      <Text wrap="truncate">{`${b.bottomLeft}${b.horizontal.repeat(rect.width - 2)}${b.bottomRight}`}</Text>
    </Box>
  );
}
