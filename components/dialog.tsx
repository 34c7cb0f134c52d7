/** A bordered page over the pane. What it says comes ready; it only draws. */
import { Box, Text } from 'ink';
import type { Color, DialogView, Line } from '../src/session/chrome-model.ts';
import { cutEnd, textWidth } from '../src/terminal/visible-text.ts';
import { Spans } from './spans.tsx';

export interface DialogProps {
  readonly dialog: DialogView;
  readonly color: Color;
  readonly ascii: boolean;
}

const UNICODE = { topLeft: '╭', topRight: '╮', bottomLeft: '╰', bottomRight: '╯', horizontal: '─', vertical: '│' };
const ASCII = { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', horizontal: '-', vertical: '|' };

/** Spaces up to the border: what Ink leaves out would show what is underneath. */
function filled(line: Line, width: number): Line {
  const used = line.reduce((n, s) => n + textWidth(s.text), 0);
  return [...line, { text: ' '.repeat(Math.max(0, width - used)), tone: 'plain' }];
}

export function Dialog({ dialog, color, ascii }: DialogProps) {
  const { rect, lines } = dialog;
  const b = ascii ? ASCII : UNICODE;
  const title = cutEnd(dialog.title, rect.width - 6);
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
          <Spans line={filled(line, rect.width - 4)} color={color} ascii={ascii} />
          <Text>{` ${b.vertical}`}</Text>
        </Box>
      ))}
      <Text wrap="truncate">{`${b.bottomLeft}${b.horizontal.repeat(rect.width - 2)}${b.bottomRight}`}</Text>
    </Box>
  );
}
