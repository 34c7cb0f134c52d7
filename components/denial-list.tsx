/** The live list: newest at the bottom, so that no row ever moves because another one came. */
import { Box, Text } from 'ink';
import type { ChromeModel } from '../src/session/screen/chrome-model.ts';
import { DenialRow } from './denial-row.tsx';
import { columnsFor } from './row-columns.ts';
import { Spans } from './spans.tsx';
import { glyphs } from './theme.ts';

export interface DenialListProps {
  readonly model: ChromeModel;
}

export function DenialList({ model }: DenialListProps) {
  const { layout, list, color, ascii } = model;
  const beside = layout.split === 'right';
  const { width, height } = layout.list;
  const columns = beside ? undefined : columnsFor(list.rows, width, glyphs(ascii));
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      {beside ? (
        <Box paddingLeft={1} width={width} height={1} flexShrink={0}>
          <Spans line={list.header} color={color} ascii={ascii} />
        </Box>
      ) : null}
      {list.rows.map((row) => (
        <DenialRow key={row.id} row={row} width={width} columns={columns} color={color} ascii={ascii} />
      ))}
      {list.notes.map((note, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Box key={i} paddingLeft={1} width={width} flexShrink={0}>
          <Text dimColor wrap="truncate">
            {note}
          </Text>
        </Box>
      ))}
    </Box>
  );
}
