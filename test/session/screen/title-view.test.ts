/** The first row of the screen: of a directory its end is in sight, or nothing of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { titleView } from '../../../src/session/screen/title-view.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';

const facts = { shell: '/bin/bash', profile: 'default', home: '/home/u', held: 1, denied: 3, ascii: false };

function left(workdir: string, width: number, held = 1): string {
  return titleView({ ...facts, workdir, held }, width)
    .left.map(({ text }) => text)
    .join('');
}

describe('the title', () => {
  test('says all of it where there is room', () => {
    assert.equal(left('/home/u/project', 80), 'nono bash · profile default · ~/project');
    const { right } = titleView({ ...facts, workdir: '/', held: 0, denied: 0 }, 80);
    assert.deepEqual(right, [{ text: 'nothing denied', tone: 'quiet' }]);
  });

  test('a long directory shows both of its ends, in every width that has room for some of it', () => {
    const workdir = `/home/u/${'deep/'.repeat(30)}here`;
    for (let width = 40; width <= 200; width += 1) {
      const text = left(workdir, width);
      assert.ok(textWidth(text) + textWidth('1 held · 3 denied') + 3 <= width, `${width}: ${text}`);
      assert.match(text, /profile default(?: · ~?.*here)?$/, `${width}: ${text}`);
      if (width >= 55) assert.match(text, /here$/, `${width}: ${text}`);
      if (width >= 62) assert.match(text, /bash · /);
    }
  });

  test('the profile is there at 40 columns', () => {
    assert.equal(left('/tmp/tui/w', 40), 'nono profile default');
  });
});
