/** What is copied from a line that nono prints means the object that it was printed for, and nothing else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { quoted } from '../../../src/cli/output/quote.ts';
import { visibleText } from '../../../src/terminal/visible-text.ts';

const COMMAND = ';touch made;$(touch made)`touch made`|touch made\n';

for (const word of [
  '/srv/plain.txt',
  '/srv/two words',
  "/srv/it's; touch made",
  `/srv/\x1b${COMMAND}`,
  `/srv/'\x1b'${COMMAND}`,
  "/srv/'\x1b;touch made;'",
  `/srv/\\\x1b\\'${COMMAND}`,
  `/srv/\u202e9${COMMAND}`,
  '/srv/\x1bf漢e\u0301',
]) {
  test(JSON.stringify(word), () => {
    const text = quoted(word);
    assert.equal(visibleText(text), text, 'it can be read');
    for (const shell of ['bash', 'sh']) {
      const cwd = mkdtempSync(join(tmpdir(), 'nono-quote-'));
      const { stdout } = spawnSync(shell, ['-c', `printf %s ${text}`], { cwd, encoding: 'utf8' });
      assert.ok(!existsSync(join(cwd, 'made')), `${shell} runs nothing of it`);
      if (shell === 'bash') assert.equal(stdout, word);
    }
  });
}
