/** Everything around the pane, on a screen of the same size as the terminal; the compositor cuts the pane out of it. */
import { Box, Text } from 'ink';
import type { ChromeModel } from '../src/session/screen/chrome-model.ts';
import { tinyLines } from '../src/session/screen/first-frame.ts';
import { DenialList } from './denial-list.tsx';
import { Dialog } from './dialog.tsx';
import { Divider } from './divider.tsx';
import { HintLine } from './hint-line.tsx';
import { Placed } from './placed.tsx';
import { TitleBar } from './title-bar.tsx';

export interface ChromeProps {
  readonly model: ChromeModel;
}

export function Chrome({ model }: ChromeProps) {
  const { layout, color, ascii, dialog } = model;
  const { cols, rows } = layout.size;
  if (layout.split === 'tiny') {
    return (
      <Box width={cols} height={rows} overflow="hidden">
        <Text wrap="truncate">{tinyLines(model).join('\n')}</Text>
      </Box>
    );
  }
  return (
    <Box width={cols} height={rows}>
      {layout.title.height === 0 ? null : (
        <Placed at={layout.title}>
          <TitleBar title={model.title} width={layout.title.width} color={color} ascii={ascii} />
        </Placed>
      )}
      {layout.list.height === 0 ? null : <List model={model} />}
      <Placed at={layout.hint}>
        <HintLine
          hints={model.hints}
          message={model.messageBox === undefined ? model.message : ''}
          alert={model.alert}
          width={layout.hint.width}
          ascii={ascii}
        />
      </Placed>
      {[dialog, model.messageBox].map((one, i) =>
        one === undefined ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the message lies over the dialog, always
          <Placed key={i} at={one.rect}>
            <Dialog dialog={one} color={color} ascii={ascii} />
          </Placed>
        ),
      )}
    </Box>
  );
}

function List({ model }: ChromeProps) {
  const { layout, color, ascii, list } = model;
  return (
    <>
      <Placed at={layout.divider}>
        <Divider rect={layout.divider} header={list.header} color={color} ascii={ascii} />
      </Placed>
      <Placed at={layout.list}>
        <DenialList model={model} />
      </Placed>
    </>
  );
}
