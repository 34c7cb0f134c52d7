/** The session registry without a session: ids, records, who still lives, the log's bounds. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NonoError } from '../../src/platform/errors.ts';
import { bootId, pidNamespace, startTimeOf } from '../../src/platform/process-identity.ts';
import { EventLog, MOST_BYTES } from '../../src/registry/event-log.ts';
import { findSession } from '../../src/registry/find-session.ts';
import { KEPT_SESSIONS, Registration } from '../../src/registry/registration.ts';
import {
  isSessionId,
  isSessionName,
  parseRecord,
  type SessionRecord,
  sessionId,
} from '../../src/registry/session-record.ts';
import {
  hostLives,
  listSessions,
  openRegistry,
  removeSession,
  sessionFiles,
  sessionsDirectory,
  writeRecord,
} from '../../src/registry/session-store.ts';
import { smallDisk } from '../helpers/full-disk.ts';
import { type TestUser, users } from '../helpers/users.ts';

let state = '';
before(() => {
  state = mkdtempSync(join(tmpdir(), 'nono-registry-'));
});
after(() => rmSync(state, { recursive: true, force: true }));

function record(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    session_id: '20260102-030405-4242',
    name: null,
    host_pid: process.pid,
    host_start: startTimeOf('self') ?? '',
    boot_id: bootId(),
    supervisor_pid: null,
    child_pid: null,
    started: '2026-01-02T03:04:05.000Z',
    ended: null,
    status: 'running',
    attachment: 'attached',
    exit_code: null,
    command: ['sh'],
    profile: 'default',
    workdir: '/',
    network: 'open',
    rollback_session: null,
    attachable: true,
    ...changes,
  };
}

describe('ids and names', () => {
  test('an id is local time and pid', () => {
    assert.equal(sessionId(new Date(2026, 0, 2, 3, 4, 5), 77), '20260102-030405-77');
  });

  for (const bad of [
    '',
    '..',
    '../x',
    '20260102-030405-77/..',
    '20260102-030405-77\0',
    'x/20260102-030405-77',
    '20260102-030405-',
  ])
    test(`${JSON.stringify(bad)} is no id, and becomes no path`, () => {
      assert.equal(isSessionId(bad), false);
      assert.throws(() => sessionFiles('/state', bad), TypeError);
    });

  for (const bad of [
    '',
    'a/b',
    '..',
    'a..b',
    '-x',
    'a b',
    'a\x1b[2J',
    'a'.repeat(65),
    '20260102-030405-77',
    '\u202egpj',
  ])
    test(`${JSON.stringify(bad)} is no name`, () => assert.equal(isSessionName(bad), false));
  for (const good of ['build', 'a.b_c-1', 'größe'])
    test(`${good} is a name`, () => assert.equal(isSessionName(good), true));
});

describe('finding', () => {
  const sessions = [
    record({ session_id: '20260102-030405-42', name: 'build' }),
    record({ session_id: '20260102-030406-43', name: null }),
    record({ session_id: '20260101-000000-44', name: 'build', status: 'exited' }),
  ];
  const code = (typed: string): string => {
    try {
      return findSession(sessions, typed).session_id;
    } catch (error) {
      return (error as NonoError).code;
    }
  };
  const cases: readonly (readonly [string, string])[] = [
    ['20260102-030405-42', '20260102-030405-42'],
    ['build', '20260102-030405-42'],
    ['20260101', '20260101-000000-44'],
    ['43', '20260102-030406-43'],
    ['20260102', 'session-ambiguous'],
    ['nothing', 'session-not-found'],
    ['../20260102-030405-42', 'usage'],
    ['20260102-030405-42/', 'usage'],
    ['a\0b', 'usage'],
    ['', 'usage'],
  ];
  for (const [typed, wanted] of cases) test(JSON.stringify(typed), () => assert.equal(code(typed), wanted));

  test('a wrong letter is named', () => {
    assert.throws(
      () => findSession(sessions, 'biuld'),
      (error) => error instanceof NonoError && error.hint === 'did you mean build?',
    );
  });
});

describe('records', () => {
  test('what is no record is undefined', () => {
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{}',
      JSON.stringify({ ...record(), host_pid: -1 }),
      JSON.stringify({ ...record(), session_id: '../x' }),
    ])
      assert.equal(parseRecord(text), undefined, text);
    assert.deepEqual(parseRecord(JSON.stringify(record())), record());
  });

  test('the directory is for its owner only, also when it was left open', () => {
    openRegistry(state);
    chmodSync(sessionsDirectory(state), 0o777);
    openRegistry(state);
    assert.equal(statSync(sessionsDirectory(state)).mode & 0o7777, 0o700);
    writeRecord(state, record());
    assert.equal(statSync(sessionFiles(state, record().session_id).record).mode & 0o7777, 0o600);
    assert.deepEqual(readdirSync(sessionsDirectory(state)), ['20260102-030405-4242.json']);
  });

  test('the same number with another start time, or another boot, is another process', () => {
    assert.equal(hostLives(record()), true);
    assert.equal(hostLives(record({ host_start: '1' })), false);
    assert.equal(hostLives(record({ boot_id: 'another' })), false);
    assert.equal(hostLives(record({ pid_namespace: pidNamespace() })), true);
    assert.equal(hostLives(record({ pid_namespace: 'pid:[1]' })), false);
    writeRecord(state, record({ host_start: '1' }));
    const [found] = listSessions(state);
    assert.equal(found?.status, 'exited');
    assert.equal(found?.exit_code, null);
  });

  test('a stopped command is paused', async () => {
    const child = spawn('sleep', ['100']);
    writeRecord(state, record({ child_pid: child.pid ?? 0 }));
    assert.equal(listSessions(state)[0]?.status, 'running');
    child.kill('SIGSTOP');
    for (let i = 0; i < 100 && listSessions(state)[0]?.status !== 'paused'; i++)
      await new Promise((r) => setTimeout(r, 10));
    assert.equal(listSessions(state)[0]?.status, 'paused');
    child.kill('SIGKILL');
  });

  test('a file that says it is another session is none', () => {
    writeFileSync(sessionFiles(state, '20260102-030405-9').record, JSON.stringify(record()));
    assert.deepEqual(
      listSessions(state).map((session) => session.session_id),
      ['20260102-030405-4242'],
    );
  });
});

describe('the log', () => {
  const denied = (path: string) =>
    ({
      type: 'denied',
      record: {
        pid: 1,
        tid: 1,
        parentPid: 1,
        verb: 'open',
        access: 'read',
        reason: 'not-granted',
        ruleId: 0,
        object: 'file',
        path,
        comm: 'cat',
        parentComm: 'sh',
      },
    }) as never;

  test('what is approved is named with what was held', () => {
    const files = sessionFiles(state, '20260102-030405-1');
    const log = new EventLog(files, () => new Date(0));
    const { record: access } = denied('/x') as { record: object };
    log.event({ type: 'held', holdId: 7n, record: access } as never);
    log.event({ type: 'released', holdId: 7n, outcome: 'allowed' });
    log.flush();
    const lines = readFileSync(files.events, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; path: string });
    assert.deepEqual(
      lines.map(({ type, path }) => [type, path]),
      [
        ['held', '/x'],
        ['approved', '/x'],
      ],
    );
    assert.equal(statSync(files.events).mode & 0o7777, 0o600);
  });

  test('a flood is counted, and the file stays bounded', () => {
    const files = sessionFiles(state, '20260102-030405-2');
    const log = new EventLog(files);
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 600; i++) log.event(denied(`/flood/${'x'.repeat(200)}/${i}`));
      log.flush();
    }
    assert.match(readFileSync(files.events, 'utf8'), /"dropped","count":100/);
    const oneRound = 600 * 600;
    assert.ok(statSync(files.events).size < MOST_BYTES + oneRound);
    assert.ok(statSync(files.olderEvents).size < MOST_BYTES + oneRound);
  });
});

describe('registration', () => {
  const facts = () =>
    ({ state, name: 'one', command: ['sh'], profile: 'default', workdir: '/', network: 'open' }) as const;
  const ready = { type: 'ready', abi: 6, guardianPid: 1, supervisorPid: 2, childPid: 3, features: 0 } as const;

  test('nothing is written before the command runs', () => {
    const registration = new Registration(facts(), true);
    registration.ended(1);
    assert.equal(
      listSessions(state).some((session) => session.session_id === registration.id),
      false,
    );
    registration.event(ready);
    assert.equal(listSessions(state).find((session) => session.session_id === registration.id)?.status, 'running');
    registration.ended(7);
    assert.equal(listSessions(state).find((session) => session.session_id === registration.id)?.exit_code, 7);
  });

  test('ended sessions are kept in number', () => {
    for (let i = 0; i < KEPT_SESSIONS + 20; i++)
      writeRecord(
        state,
        record({ session_id: `20250101-000000-${i + 1}`, status: 'exited', started: '2025-01-01T00:00:00.000Z' }),
      );
    // Older than all of them, and still running.
    const running = { session_id: '20240101-000000-1', status: 'running', host_pid: process.pid } as const;
    writeRecord(state, record({ ...running, host_start: startTimeOf('self') ?? '', boot_id: bootId() }));
    // And one of another container with the same state: whether it runs cannot be seen here.
    const apart = { session_id: '20240101-000000-2', host_start: '1', pid_namespace: 'pid:[1]' } as const;
    writeRecord(state, record(apart));
    const registration = new Registration(facts(), true);
    registration.event(ready);
    registration.ended(0);
    const left = readdirSync(join(state, 'sessions')).filter((name) => name.endsWith('.json'));
    assert.equal(left.length, KEPT_SESSIONS + 2);
    assert.ok(left.includes(`${registration.id}.json`) && left.includes('20240101-000000-1.json'));
    assert.ok(left.includes('20240101-000000-2.json'));
    removeSession(state, '20240101-000000-2');
  });

  test('one that cannot be taken away costs nothing else', () => {
    for (let i = 0; i < KEPT_SESSIONS + 20; i++)
      writeRecord(
        state,
        record({ session_id: `20250201-000000-${i + 1}`, status: 'exited', started: '2025-02-01T00:00:00.000Z' }),
      );
    const first =
      readdirSync(join(state, 'sessions'))
        .sort()
        .find((name) => name.startsWith('2025')) ?? '';
    const stays = join(state, 'sessions', first.replace(/\.json$/, '.events.1.ndjson'));
    mkdirSync(join(stays, 'not empty'), { recursive: true });
    const registration = new Registration(facts(), true);
    registration.event(ready);
    registration.ended(0);
    const names = readdirSync(join(state, 'sessions'));
    rmSync(stays, { recursive: true });
    assert.equal(JSON.parse(readFileSync(registration.files.record, 'utf8')).exit_code, 0);
    assert.ok(names.filter((name) => name.endsWith('.json')).length <= KEPT_SESSIONS + 2);
  });

  test('a registry that cannot be written costs nothing else', () => {
    const registration = new Registration({ ...facts(), state: '/proc/none' }, true);
    registration.event(ready);
    registration.attached('detached');
    registration.ended(0);
  });
});

describe('a disk without room', {
  skip: process.getuid?.() === 0 ? false : 'not started by root: nothing can be mounted',
}, () => {
  const user = users[0] as TestUser;

  test('the record before stays whole and nothing else is left; the next change is written with room again', (t) => {
    const disk = smallDisk(join(state, 'small'), '256k', user);
    t.after(disk.remove);
    const facts = {
      state: disk.directory,
      name: undefined,
      command: ['sh'],
      profile: 'p',
      workdir: '/',
      network: 'open',
    } as const;
    const session = new Registration(facts, false);
    session.event({ type: 'ready', abi: 7, features: 0, guardianPid: 9, supervisorPid: 10, childPid: 11 });
    const before = readFileSync(session.files.record, 'utf8');
    disk.fill();
    session.canAttach();
    assert.equal(readFileSync(session.files.record, 'utf8'), before);
    assert.deepEqual(
      readdirSync(sessionsDirectory(disk.directory)).filter((name) => name.includes('tmp')),
      [],
    );
    disk.free();
    session.attached('detached');
    const now = parseRecord(readFileSync(session.files.record, 'utf8'));
    assert.deepEqual([now?.attachable, now?.attachment], [true, 'detached']);
    disk.fill();
    const hidden = new Registration(facts, false, 'detached');
    assert.throws(() => hidden.claim(), { code: 'ENOSPC' });
    disk.free();
  });

  test('events that do not fit are counted, and told by the next line that fits; no line is cut', (t) => {
    const disk = smallDisk(join(state, 'small-log'), '64k', user);
    t.after(disk.remove);
    openRegistry(disk.directory);
    const files = sessionFiles(disk.directory, '20260102-030405-4242');
    const log = new EventLog(files);
    log.add({ type: 'started' });
    log.flush();
    disk.fill();
    for (let i = 0; i < 300; i++) log.add({ type: 'notice', text: `lost ${i} ${'x'.repeat(50)}` });
    log.flush();
    log.add({ type: 'notice', text: 'lost too' });
    log.flush();
    disk.free();
    log.add({ type: 'exited', exit_code: 0 });
    log.flush();
    const events = readFileSync(files.events, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; count?: number });
    assert.deepEqual([events[0]?.type, events.filter(({ type }) => type === 'exited').length], ['started', 1]);
    const dropped = events.reduce((sum, { count }) => sum + (count ?? 0), 0);
    // A short line may find room in the page that the file has already.
    const told = events.filter(({ type }) => type === 'notice').length;
    assert.ok(dropped >= 300 && dropped + told === 301, `${dropped} dropped, ${told} told`);
  });
});

test('kill -9 while a record is written leaves the one before, and what is left goes with the session', () => {
  const old = record({ session_id: '20260102-030405-777', status: 'exited', exit_code: 3 });
  openRegistry(state);
  writeRecord(state, old);
  const script = `
    const { writeRecord } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/registry/session-store.ts'))});
    writeRecord(${JSON.stringify(state)}, ${JSON.stringify({ ...old, exit_code: 4 })});`;
  const preload = join(import.meta.dirname, '../helpers/killed-at.cjs');
  for (const [at, when, code] of [
    [1, 'before', 3],
    [1, 'after', 3],
    [2, 'before', 3],
    [2, 'after', 4],
  ] as const) {
    writeRecord(state, old);
    const done = spawnSync(process.execPath, ['--no-warnings', '-r', preload, '--input-type=module', '-e', script], {
      env: { ...process.env, KILL_AT: String(at), KILL_WHEN: when, KILL_BELOW: state },
    });
    assert.equal(done.signal, 'SIGKILL');
    assert.equal(listSessions(state).find((one) => one.session_id === old.session_id)?.exit_code, code);
  }
  removeSession(state, old.session_id);
  assert.deepEqual(
    readdirSync(sessionsDirectory(state)).filter((name) => name.includes(old.session_id)),
    [],
  );
});
