/** A bordered page over the pane. What it says comes ready; it only draws. */
import { Box, Text } from 'ink';
import type { DialogView } from '../src/session/chrome-model.ts';
import { cutEnd, textWidth } from '../src/terminal/visible-text.ts';
import { Spans } from './spans.tsx';

export interface DialogProps {
  readonly dialog: DialogView;
  readonly color: boolean;
  readonly ascii: boolean;
}

const UNICODE = { topLeft: '╭', topRight: '╮', bottomLeft: '╰', bottomRight: '╯', horizontal: '─', vertical: '│' };
const ASCII = { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', horizontal: '-', vertical: '|' };

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
        <Box key={i} height={1} width={rect.width} justifyContent="space-between" overflow="hidden">
          <Box>
            <Text>{`${b.vertical} `}</Text>
            <Spans line={line} color={color} ascii={ascii} />
          </Box>
          <Box flexShrink={0}>
            <Text>{b.vertical}</Text>
          </Box>
        </Box>
      ))}
      <Text wrap="truncate">{`${b.bottomLeft}${b.horizontal.repeat(rect.width - 2)}${b.bottomRight}`}</Text>
    </Box>
  );
}
