import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Confinement } from '../../src/tools/built-in/shell/confined-process.ts'
import { problemOfShell } from '../../src/tools/built-in/shell/problem-of-shell.ts'
import { runConfined } from '../../src/tools/built-in/shell/run-confined.ts'
import { shell, shellLimits } from '../../src/tools/built-in/shell/shell.ts'
import { sandboxOwner } from '../../src/tools/built-in/workspace/sandbox-owner.ts'
import { workspaceLimits } from '../../src/tools/built-in/workspace/workspace-limits.ts'
import { workspaceRead } from '../../src/tools/built-in/workspace/workspace-read.ts'
import { workspaceWrite } from '../../src/tools/built-in/workspace/workspace-write.ts'
import { Workspaces } from '../../src/tools/built-in/workspace/workspaces.ts'
import { closing, Folder } from '../../src/tools/built-in/workspace/folder.ts'
import { toolContext } from '../support/tool-context.ts'

const settings = { timeoutMs: 30_000, maxProcesses: 16, maxMemoryBytes: 512 * 1024 ** 2 }
const problem = await problemOfShell(settings)

interface Output {
  exit_code: number | null
  stdout: string
  stderr: string
  stopped_by?: string
}

let base: string
let workspaces: Workspaces
let sessions = 0

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'spool-shell-'))
  workspaces = new Workspaces(join(base, 'workspaces'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

/** Each in a session of its own, unless told. */
const newSession = (signal = new AbortController().signal) => {
  sessions += 1
  return toolContext({ ref: { tenant: 'default', session: `session-${sessions}` }, signal })
}

const run = async (command: string, context = newSession(), changed: Partial<typeof settings> = {}) =>
  (await shell(workspaces, { ...settings, ...changed }).run({ command }, context)) as Output

/** A length of sleep that nobody else sleeps: it marks a process, also for those outside. */
const newMark = () => `${100 + Math.random()}`

async function isRunning(mark: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return commands.some((command) => command === `sleep\0${mark}\0`)
}

const untilRunning = (mark: string, running: boolean) =>
  expect.poll(() => isRunning(mark), { timeout: 20_000, interval: 20 }).toBe(running)

const entriesSeen = async (hidden: string[]) => {
  const { stdout } = await workspaces.use(newSession().ref, (folder) =>
    runConfined(
      'ls /usr/share | grep -c .; ls /usr/share/doc | grep -c .',
      folder,
      shellLimits(settings),
      { owner: workspaces.owner, hidden },
      new AbortController().signal,
    ),
  )
  return stdout.trim().split('\n').map(Number)
}

test('where a command cannot be confined, none is run', async () => {
  const path = await mkdtemp(join(tmpdir(), 'spool-shell-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  const owner = sandboxOwner()
  if (owner !== undefined) await chown(path, owner.uid, owner.gid)
  const attempt = async ({ limits = {}, as = { owner } }: { limits?: object; as?: Pick<Confinement, 'owner'> }) =>
    closing(await Folder.at(path), (folder) =>
      runConfined(
        'touch ran',
        folder,
        { ...shellLimits(settings), ...limits },
        { ...as, hidden: [] },
        new AbortController().signal,
      ),
    )
  const refused = expect.objectContaining({ name: 'ToolError', code: 'shell_unavailable' })
  // Not enough memory for the last step before the command; a user whom we may not become; none at all.
  await expect(attempt({ limits: { maxMemoryBytes: 4096 } })).rejects.toEqual(refused)
  await expect(attempt({ as: { owner: { uid: 2 ** 32 - 1, gid: 2 ** 32 - 1 } } })).rejects.toEqual(refused)
  if (owner !== undefined) await expect(attempt({ as: { owner: undefined } })).rejects.toEqual(refused)
  expect(await readdir(path)).toEqual([])
  if (problem !== null) return
  expect(await attempt({})).toMatchObject({ exitCode: 0 })
  expect(await readdir(path)).toEqual(['ran'])
})

describe.skipIf(problem !== null)('a confined command', () => {
  test('works in the folder of its session, which the workspace tools share', async () => {
    const context = newSession()
    await workspaceWrite(workspaces).run({ path: 'in/words', content: 'b\na\n' }, context)
    expect(await run('sort in/words > sorted; rm -r in; pwd; echo oops >&2; exit 3', context)).toEqual({
      exit_code: 3,
      stdout: '/workspace\n',
      stderr: 'oops\n',
    })
    expect(await workspaceRead(workspaces).run({ path: 'sorted' }, context)).toMatchObject({ content: 'a\nb\n' })
    await workspaceWrite(workspaces).run({ path: 'sorted', content: 'c\n', append: true }, context)
    expect(await run('-x; cat sorted', context)).toMatchObject({ stdout: 'a\nb\nc\n' })
  })

  test('sees nothing of the machine but its programs', async () => {
    process.env['SPOOL_TEST_SECRET'] = 'very-secret'
    onTestFinished(() => void delete process.env['SPOOL_TEST_SECRET'])
    await run('true')
    await writeFile(join(base, 'workspaces/key'), 'very-secret')
    const { stdout, stderr } = await run(
      [
        'env',
        `cat ${join(base, 'workspaces/key')} /etc/shadow /root/.* ${process.cwd()}/package.json`,
        'cat /proc/*/environ | tr "\\0" "\\n"',
        'cat ../*/key /proc/1/root/etc/shadow /proc/1/cwd/* /old/etc/shadow',
        'ls / | xargs',
        'ls /root /home /var /run /sys /boot /opt',
        'ls /proc | grep -c "^[0-9]"',
      ].join('\n'),
    )
    expect(stdout).not.toContain('very-secret')
    expect(stdout).not.toContain('root:')
    expect(stdout).not.toContain('"private"')
    expect(stdout).not.toMatch(/NATS|DATABASE|SPOOL|KEY/)
    expect(stdout).toMatch(/^bin dev etc lib.* proc sbin tmp usr workspace$/m)
    expect(stderr).toContain('/etc/shadow: No such file')
    expect(stderr).toContain("'/root': No such file")
    // The few of its own.
    expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(8)
  })

  test('does not see a folder of ours that lies among the programs', async () => {
    const [all, inside] = await entriesSeen([])
    expect(inside).toBeGreaterThan(0)
    expect(await entriesSeen(['/usr/share/doc'])).toEqual([all, 0])
  })

  test('writes nowhere but into its folder and a /tmp that ends with it', async () => {
    const { stdout } = await run(
      `for place in / /usr /usr/bin /etc /etc/passwd /dev /proc /proc/sys/kernel /workspace /tmp /dev/shm; do
        if touch $place/written 2>/dev/null || { [ -f $place ] && echo x 2>/dev/null >> $place; }; then echo $place; fi
      done; dd if=/dev/zero of=/tmp/large bs=1M count=100 2>/dev/null || echo full`,
    )
    expect(stdout).toBe('/workspace\n/tmp\n/dev/shm\nfull\n')
    // Also where the rights of files would permit it.
    const mounts = await run('while read -r _ _ _ _ at how _; do echo "$at $how"; done < /proc/self/mountinfo')
    const writable = mounts.stdout.split('\n').filter((line) => / rw/.test(line))
    expect(writable.map((line) => line.split(' ')[0]).filter((at) => !at?.startsWith('/dev/'))).toEqual([
      '/workspace',
      '/tmp',
      '/proc',
    ])
    expect((await run('ls /tmp')).stdout).toBe('')
  })

  test('is nobody, and cannot become more', async () => {
    const { stdout } = await run(
      `id -u; grep -E "CapEff|CapPrm|NoNewPrivs" /proc/self/status
      for attempt in 'unshare -U' 'unshare -n' 'mount -t tmpfs x /tmp' 'mount -o remount,rw /usr/bin' 'chroot / id'; do
        $attempt </dev/null 2>&1 && echo "could $attempt"
      done | grep could
      kill -9 1; echo on`,
    )
    expect(stdout.replaceAll('\t', ' ')).toBe(
      '1000\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\nNoNewPrivs: 1\non\n',
    )
  })

  test('reaches no network, not even this machine', async () => {
    let connections = 0
    const server = createServer(() => (connections += 1)).listen(0, '0.0.0.0')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { stdout } = await run(
      `for host in 127.0.0.1 10.0.0.1 169.254.169.254 1.1.1.1; do
        if timeout 5 bash -c "exec 3<>/dev/tcp/$host/${port}" 2>/dev/null; then echo reached $host; fi
      done; tail -n +3 /proc/net/dev | cut -d: -f1`,
    )
    expect(stdout.trim()).toBe('lo')
    expect(connections).toBe(0)
  })

  test('is ended with all that it started at its time limit, and what it said so far is kept', async () => {
    const mark = newMark()
    const ended = await run(`echo begun; setsid sleep ${mark} & sleep ${mark}`, newSession(), { timeoutMs: 1500 })
    expect(ended).toMatchObject({ exit_code: null, stdout: 'begun\n', stopped_by: 'time_limit' })
    await untilRunning(mark, false)
  })

  test('leaves nothing behind that goes on', async () => {
    const mark = newMark()
    const { exit_code, stdout } = await run(`setsid nohup sleep ${mark} >/dev/null 2>&1 & disown -a; echo done`)
    expect({ exit_code, stdout }).toEqual({ exit_code: 0, stdout: 'done\n' })
    await untilRunning(mark, false)
  })

  test('is ended when the run is cancelled', async () => {
    const mark = newMark()
    const cancel = new AbortController()
    const running = run(`sleep ${mark}`, newSession(cancel.signal))
    await untilRunning(mark, true)
    cancel.abort(new Error('cancelled'))
    await expect(running).rejects.toThrow('cancelled')
    await untilRunning(mark, false)
  })

  test('has nothing open that the service was given by whoever started it', async () => {
    const path = await mkdtemp(join(base, 'given-'))
    const owner = sandboxOwner()
    if (owner !== undefined) await chown(path, owner.uid, owner.gid)
    const source = new URL('../../src/tools/built-in/', import.meta.url).href
    const code = `import { Folder } from '${source}workspace/folder.ts'
      import { runConfined } from '${source}shell/run-confined.ts'
      const limits = ${JSON.stringify(shellLimits(settings))}
      const confinement = ${JSON.stringify({ owner, hidden: [] })}
      const command = 'cd /proc/self/fd; echo *; cat 40'
      const never = new AbortController().signal
      console.log((await runConfined(command, await Folder.at('${path}'), limits, confinement, never)).stdout)`
    const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--input-type=module']
    const given = 'exec 40< /etc/passwd; exec "$@"'
    const service = spawn('bash', ['-c', given, 'bash', process.execPath, ...flags, '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void service.kill('SIGKILL'))
    // The last is the folder that the shell reads them from.
    expect(await text(service.stdout)).toMatch(/^0 1 2 3\n+$/)
  })

  test('is ended when the service is killed', async () => {
    const mark = newMark()
    const path = await mkdtemp(join(base, 'dying-'))
    const owner = sandboxOwner()
    if (owner !== undefined) await chown(path, owner.uid, owner.gid)
    const source = new URL('../../src/tools/built-in/', import.meta.url).href
    const service: ChildProcess = spawn(
      process.execPath,
      [
        '--experimental-transform-types',
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        `import { Folder } from '${source}workspace/folder.ts'
        import { startConfined } from '${source}shell/confined-process.ts'
        const limits = ${JSON.stringify(shellLimits(settings))}
        const owner = ${JSON.stringify(owner)}
        startConfined('setsid sleep ${mark} & sleep ${mark}', await Folder.at('${path}'), limits, { owner, hidden: [] })`,
      ],
      { stdio: 'inherit' },
    )
    onTestFinished(() => void service.kill('SIGKILL'))
    await untilRunning(mark, true)
    service.kill('SIGKILL')
    await untilRunning(mark, false)
  })

  test('has so many processes and so much memory, and no more', async () => {
    // dash gives up at once, where bash tries again for half a minute.
    const bomb = await run(`dash -c 'while :; do sleep 100 & done' 2>&1; set -- /proc/[0-9]*; echo $#`, newSession(), {
      maxProcesses: 12,
    })
    expect(bomb.stdout).toMatch(/Cannot fork\n1[0-4]\n$/)
    const memory = await run('head -c 400M /dev/zero | tail | wc -c', newSession(), { maxMemoryBytes: 64 * 1024 ** 2 })
    expect(memory.stderr).toContain('memory exhausted')
  })

  test('is ended when it says too much; of much the beginning and the end are kept', async () => {
    const endless = await run('yes')
    expect(endless).toMatchObject({ exit_code: null, stopped_by: 'output_limit' })
    expect(endless.stdout.length).toBeLessThan(26_000)
    const { stdout } = await run('seq 100000')
    expect(stdout).toMatch(/^1\n2\n3\n[^]+\n\[… \d+ bytes left out …\]\n[^]+\n99999\n100000\n$/)
    expect((await run('printf "a\\377b"')).stdout).toBe('a\uFFFDb')
  })

  test('is ended when it fills the folder, which can be tidied up after', async () => {
    const context = newSession()
    const limited = shell(workspaces, settings, { ...workspaceLimits, maxEntries: 20, maxBytes: 1_000_000 })
    const attempt = async (command: string) => (await limited.run({ command }, context)) as Output
    const filled = await attempt('head -c 3M /dev/zero > a; sleep 100')
    expect(filled).toMatchObject({ exit_code: null, stopped_by: 'folder_limit' })
    expect(await attempt('head -c 3M /dev/zero > b; sleep 100')).toMatchObject({ stopped_by: 'folder_limit' })
    expect(await attempt('rm a b; echo tidy')).toMatchObject({ exit_code: 0, stdout: 'tidy\n' })
    expect(await attempt('mkdir x; cd x; for i in $(seq 30); do touch $i; done; sleep 100')).toMatchObject({
      stopped_by: 'folder_limit',
    })
  })

  test('is ended when it fills the folder under names that are no text', async () => {
    const limited = shell(workspaces, settings, { ...workspaceLimits, maxBytes: 1_000_000 })
    const attempt = (command: string) => limited.run({ command }, newSession())
    const filled = { stopped_by: 'folder_limit' }
    expect(await attempt(`head -c 3M /dev/zero > "$(printf '\\377')"; sleep 5`)).toMatchObject(filled)
    const below = `name=$(printf '\\303'); mkdir "$name"; head -c 3M /dev/zero > "$name/a"; sleep 5`
    expect(await attempt(below)).toMatchObject(filled)
  })

  test('is ended when it sets room aside behind the end of a file', async () => {
    const command = ': > a && { fallocate -n -l 60M a || exit 3; } && sleep 5'
    const ended = await run(command)
    // Where the file system cannot do it, there is nothing to count.
    if (ended.exit_code !== 3) expect(ended).toMatchObject({ exit_code: null, stopped_by: 'folder_limit' })
  })
})
