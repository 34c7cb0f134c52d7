/** One denied or waiting access. */
import { Box, Text } from 'ink';
import type { Color, RowView } from '../src/session/screen/chrome-model.ts';
import { type Columns, headingText, oneLine, twoLines } from './row-columns.ts';
import { glyphs, look, rowLook } from './theme.ts';

export interface DenialRowProps {
  readonly row: RowView;
  readonly width: number;
  /** For one line below the pane; absent beside it, where a row has two. */
  readonly columns: Columns | undefined;
  readonly color: Color;
  readonly ascii: boolean;
}

export function DenialRow({ row, width, columns, color, ascii }: DenialRowProps) {
  const g = glyphs(ascii);
  const { mark, state, verb, first, second } =
    columns === undefined ? twoLines(row, width, g) : oneLine(row, width, g, columns);
  const faint = rowLook({ dimColor: true }, row.selected);
  return (
    <Box flexDirection="column" width={width} flexShrink={0}>
      {row.heading === undefined ? null : (
        <Text wrap="truncate" bold>
          {headingText(row.heading, width, g)}
        </Text>
      )}
      <Text wrap="truncate" {...rowLook({}, row.selected)}>
        {mark}
        <Text {...rowLook(look(row.state.tone, color), row.selected)}>{state}</Text>
        <Text {...faint}>{verb}</Text>
        {first}
      </Text>
      {second === undefined ? null : (
        <Text wrap="truncate" {...faint}>
          {second}
        </Text>
      )}
    </Box>
  );
}
