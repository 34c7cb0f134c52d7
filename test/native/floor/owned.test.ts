/** Shared directories of which a session may use what it makes there itself (native/floor/owned.c). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { inMemory, makeWorld, plan, Session } from '../session.ts';

for (const user of users) {
  describe(user.name, () => {
    test('names that are chosen for it do not make the next one slow', { skip: !installed('python3') }, async () => {
      const world = makeWorld(user, inMemory());
      // All of them end in the same place of a table of 1,024 whose hash (FNV-1a, 32 bits) has no secret.
      const script = `
import os, time
shared = '${world.outside}'
def step(h, text):
    for b in text: h = ((h ^ b) * 16777619) & 0xffffffff
    return h
prefix = step(2166136261, (shared + '/').encode())
def names():
    i = 0
    while True:
        name = b'%x' % i
        i += 1
        if step(prefix, name) % 1024 == 7: yield name.decode()
def makes(chosen):
    times = []
    for name in chosen:
        began = time.perf_counter()
        os.close(os.open(shared + '/' + name, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]
alike = names()
first = makes([next(alike) for _ in range(30)])
makes([next(alike) for _ in range(1500)])
print(round(makes([next(alike) for _ in range(30)]) / first, 1))
`;
      const planned = { ...plan({}), owned: [world.outside] };
      const { stdout, stderr } = await new Session(user, planned, ['python3', '-c', script]).ended;
      assert.ok(stdout !== '' && Number(stdout) < 6, `${stdout}${stderr}`);
    });
  });
}
