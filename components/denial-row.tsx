/** One denied or waiting access. */
import { Box, Text } from 'ink';
import type { RowView } from '../src/session/chrome-model.ts';
import { oneLine, twoLines } from './row-columns.ts';
import { glyphs, look } from './theme.ts';

export interface DenialRowProps {
  readonly row: RowView;
  readonly width: number;
  readonly twoLine: boolean;
  readonly color: boolean;
  readonly ascii: boolean;
}

export function DenialRow({ row, width, twoLine, color, ascii }: DenialRowProps) {
  const g = glyphs(ascii);
  const { mark, state, verb, first, second } = twoLine ? twoLines(row, width, g) : oneLine(row, width, g);
  const selected = row.selected ? { inverse: true } : {};
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate" {...selected}>
        {mark}
        <Text {...look(row.state.tone, color)}>{state}</Text>
        <Text dimColor>{verb}</Text>
        {first}
      </Text>
      {second === undefined ? null : (
        <Text wrap="truncate" dimColor={!row.selected} {...selected}>
          {second}
        </Text>
      )}
    </Box>
  );
}
