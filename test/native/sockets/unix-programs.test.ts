/** Programs that talk over sockets of their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { plan, Session } from '../session.ts';
import { unixWorld } from './sockets.ts';

for (const user of users) {
  describe(user.name, () => {
    // A server has its socket's name before it listens there: what it says first comes after that.
    const programs: Record<string, { needs: string; script: string; expect: RegExp }> = {
      'ssh-agent and ssh-add': {
        needs: 'ssh-agent',
        script:
          'eval "$(ssh-agent -a $W/agent)" && ssh-keygen -q -t ed25519 -N "" -f $W/key && ssh-add -q $W/key && ssh-add -l && kill $SSH_AGENT_PID',
        expect: /ED25519/,
      },
      tmux: {
        needs: 'tmux',
        script:
          'tmux -S $W/t -f /dev/null new-session -d "sleep 5" && tmux -S $W/t list-sessions && tmux -S $W/t kill-server',
        expect: /1 windows/,
      },
      'a server in Node and curl over a unix socket': {
        needs: 'curl',
        script:
          "node -e \"require('http').createServer((q,r)=>r.end('served '+q.url,()=>process.exit())).listen('$W/http',()=>console.log('up'))\" >$W/up & " +
          'until [ -s $W/up ]; do sleep 0.05; done; curl -sS --unix-socket $W/http http://x/path; wait',
        expect: /served \/path/,
      },
      'a connection handed to a child process': {
        needs: 'node',
        script: `cat > $W/hand.js <<'END'
const { fork } = require('child_process'), net = require('net');
if (process.argv[2]) process.on('message', (m, s) => s.end('from the child'));
else {
  const child = fork(__filename, ['child']);
  net.createServer((s) => child.send('take', s)).listen(process.env.W + '/hand', () =>
    net.connect(process.env.W + '/hand').on('data', (d) => { console.log(String(d)); child.kill(); process.exit(); }));
}
END
node $W/hand.js`,
        expect: /from the child/,
      },
      'a D-Bus session': {
        needs: 'dbus-daemon',
        script:
          'export DBUS_SESSION_BUS_ADDRESS=unix:path=$W/bus; dbus-daemon --session --nofork --print-address --address=$DBUS_SESSION_BUS_ADDRESS >$W/up & until [ -s $W/up ]; do sleep 0.05; done; dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames; kill $!',
        expect: /org.freedesktop.DBus/,
      },
    };
    for (const [name, { needs, script, expect }] of Object.entries(programs))
      test(`${name}, inside`, { skip: !installed(needs) && `${needs} is not installed`, timeout: 60_000 }, async () => {
        const { granted, work } = unixWorld(user);
        const env = [
          `W=${work}`,
          `HOME=${work}`,
          `TMPDIR=${work}`,
          'PATH=/usr/bin:/bin',
          'TERM=xterm',
          'SHELL=/bin/sh',
        ];
        const planned = plan({ ...granted, env, cwd: work });
        const terminals = ['/dev/ptmx', '/dev/pts', '/dev/tty', '/dev/urandom'].map((path) => ({ path, rights: 255 }));
        const s = new Session(user, { ...planned, floor: [...planned.floor, ...terminals] }, ['/bin/sh', '-c', script]);
        s.guardian.stdin?.end();
        const { stdout, stderr } = await s.ended;
        assert.match(stdout, expect, `${stderr} ${JSON.stringify(s.all('denied'))}`);
      });
  });
}
