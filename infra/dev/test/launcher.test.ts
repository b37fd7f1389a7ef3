import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { folderForTest, isAlive } from './launching.ts'

const processes = ['gateway-1', 'agent-orchestrator-1', 'llm-proxy-1', 'persistence-1', 'nats', 'postgres']

interface Launcher {
  child: ChildProcess
  lines: string[]
  dataFolder: string
  exit: Promise<number | null>
  ready(): Promise<void>
  pids(): number[]
}

/** The launcher as a program, as `npm start` runs it, with stand-ins for the services. */
async function startLauncher(env: Record<string, string> = {}, args: string[] = []): Promise<Launcher> {
  const dataFolder = env['SPOOL_DATA'] ?? folderForTest()
  const program = join(import.meta.dirname, 'stand-ins/launcher.ts')
  const child = spawn(process.execPath, ['--conditions=source', program, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(await freePort()),
      SPOOL_CONFIG: 'none',
      SPOOL_DATA: dataFolder,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line))
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    lines,
    dataFolder,
    exit,
    ready: () => expect.poll(() => lines.join('\n'), { timeout: 20_000 }).toMatch(/Spool is ready|"msg":"ready"/),
    pids: () => processes.map((name) => Number(readFileSync(join(dataFolder, `run/${name}.pid`), 'utf8'))),
  }
}

/** The command lines in which this folder occurs. */
const processesNaming = (folder: string) =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder))

const allGone = (pids: number[]) => expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])

describe('stopping', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends everything in order and leaves no process',
    async (signal) => {
      const launcher = await startLauncher()
      await launcher.ready()
      const pids = launcher.pids()
      launcher.child.kill(signal)
      expect(await launcher.exit).toBe(0)
      expect(pids.filter(isAlive)).toEqual([])
      const ended = launcher.lines.filter((line) => line.includes('ended in order')).map((line) => line.split(' ')[1])
      expect(ended).toEqual(['gateway-1', 'agent-orchestrator-1', 'llm-proxy-1', 'persistence-1'])
    },
  )

  test('a second Ctrl-C does not wait for a service that will not end', async () => {
    const launcher = await startLauncher({ STAND_IN_PROXY: 'stubborn', SPOOL_DRAIN_MS: '60000' })
    await launcher.ready()
    const pids = launcher.pids()
    launcher.child.kill('SIGINT')
    await expect.poll(() => launcher.lines.filter((line) => line.includes('ended in order')).length).toBe(2)
    expect(isAlive(pids[2])).toBe(true)
    // Later than a press that arrives twice, once from the terminal and once passed on.
    const hurried = setInterval(() => launcher.child.kill('SIGINT'), 600)
    expect(await launcher.exit).toBe(0)
    clearInterval(hurried)
    expect(pids.filter(isAlive)).toEqual([])
  })

  test('one press that arrives twice is one press', async () => {
    const launcher = await startLauncher()
    await launcher.ready()
    launcher.child.kill('SIGINT')
    await expect.poll(() => launcher.lines.join('\n'), { interval: 5 }).toContain('stopping')
    launcher.child.kill('SIGINT')
    expect(await launcher.exit).toBe(0)
    expect(launcher.lines.filter((line) => line.includes('ended in order'))).toHaveLength(4)
  })

  test.each([
    ['Postgres is being set up', 'servers/postgres.new'],
    ['Postgres is being started', 'run/postgres.pid'],
  ])('a stop while %s leaves nothing behind', async (_, sign) => {
    const launcher = await startLauncher()
    await expect.poll(() => existsSync(join(launcher.dataFolder, sign)), { timeout: 20_000, interval: 2 }).toBe(true)
    launcher.child.kill('SIGTERM')
    expect(await launcher.exit).toBe(0)
    expect(processesNaming(launcher.dataFolder)).toEqual([])
  })

  test('the end of the process that started it ends it too', async () => {
    const launcher = await startLauncher({ SPOOL_STOP_WITH_INPUT: '1' })
    await launcher.ready()
    const pids = launcher.pids()
    launcher.child.stdin!.destroy()
    expect(await launcher.exit).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

describe('after a launcher was killed', () => {
  test('its processes end by themselves', async () => {
    const launcher = await startLauncher()
    await launcher.ready()
    const pids = launcher.pids()
    launcher.child.kill('SIGKILL')
    await allGone(pids)
  })

  test('the next one starts at once, on the same data', async () => {
    const first = await startLauncher()
    await first.ready()
    const pids = first.pids()
    first.child.kill('SIGKILL')
    await first.exit
    const second = await startLauncher({ SPOOL_DATA: first.dataFolder })
    await second.ready()
    expect(pids.filter(isAlive)).toEqual([])
    second.child.kill('SIGTERM')
    await second.exit
  })

  test('a pid file whose number belongs to somebody else by now does them no harm', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' })
    onTestFinished(() => void bystander.kill())
    const first = await startLauncher()
    await first.ready()
    first.child.kill('SIGTERM')
    await first.exit
    const stale = { 'gateway-1': { pid: bystander.pid, startedAt: '1' } }
    writeFileSync(join(first.dataFolder, 'run/processes.json'), JSON.stringify(stale))
    const second = await startLauncher({ SPOOL_DATA: first.dataFolder })
    await second.ready()
    expect(isAlive(bystander.pid)).toBe(true)
    second.child.kill('SIGTERM')
    await second.exit
  })
})

describe('what a person is told', () => {
  test('with --log json every line is JSON, the key and the address among them', async () => {
    const launcher = await startLauncher({ SPOOL_DEV_KEY: 'my-key' }, ['--log', 'json'])
    await launcher.ready()
    const entries = launcher.lines.map((line) => JSON.parse(line))
    expect(entries.find(({ msg }) => msg === 'ready')).toMatchObject({ key: 'my-key', dataFolder: launcher.dataFolder })
    launcher.child.kill('SIGTERM')
    await launcher.exit
  })

  test('every setting that cannot be used is named at once', async () => {
    const launcher = await startLauncher({ PORT: 'eighty', SPOOL_COPIES: 'gatway=2' })
    expect(await launcher.exit).toBe(1)
    const text = launcher.lines.join('\n')
    expect(text).toContain('PORT: "eighty"')
    expect(text).toContain('SPOOL_COPIES:')
  })

  test('all that is wrong with the file of models is told with its line, before anything is started', async () => {
    const file = join(folderForTest(), 'models.yaml')
    writeFileSync(file, 'models:\n  default:\n    - provider: openai\n      modle: m\n')
    const launcher = await startLauncher({ SPOOL_CONFIG: file })
    expect(await launcher.exit).toBe(1)
    const text = launcher.lines.join('\n')
    expect(text).toContain(`${file}:3  models.default[0].model: is missing`)
    expect(text).toContain(`${file}:3  models.default[0].provider: OPENAI_API_KEY is not set`)
    expect(text).toContain(`${file}:4  models.default[0].modle: there is no such field; did you mean model?`)
    expect(existsSync(join(launcher.dataFolder, 'run'))).toBe(false)
  })

  test('a data folder that is a file is named', async () => {
    const file = join(folderForTest(), 'file')
    writeFileSync(file, '')
    const launcher = await startLauncher({ SPOOL_DATA: file })
    expect(await launcher.exit).toBe(1)
    expect(launcher.lines.join('\n')).toContain(`The data folder ${file} cannot be used: a file is in its place`)
  })

  test('a data folder in which nothing may be written is named', async () => {
    const launcher = await startLauncher({ SPOOL_DATA: '/sys/spool' })
    expect(await launcher.exit).toBe(1)
    expect(launcher.lines.join('\n')).toContain('The data folder /sys/spool cannot be used:')
  })
})

const hook = (url: string) =>
  `{ description: d, url: "http://${url}/hook?room=1", input_schema: { type: object }, secret_env: S }`

describe('--check', () => {
  test('says of every dependency that it is there, and starts nothing', async () => {
    const launcher = await startLauncher({}, ['--check'])
    expect(await launcher.exit).toBe(0)
    const text = launcher.lines.join('\n')
    for (const what of [
      /✓ Node 24/,
      /✓ Models: the demo model/,
      /✓ Agents: demo \(default\), demo-plan, /,
      /✓ Data folder/,
      /✓ Port \d+/,
      /✓ NATS 2\./,
      /✓ Postgres 1\d/,
    ])
      expect(text).toMatch(what)
    expect(existsSync(join(launcher.dataFolder, 'run'))).toBe(false)
  })

  test('says what is wrong with each of them', async () => {
    const launcher = await startLauncher(
      { NATS_URL: 'nats://127.0.0.1:1', DATABASE_URL: 'postgres://spool@127.0.0.1:1/spool' },
      ['--check'],
    )
    expect(await launcher.exit).toBe(1)
    const text = launcher.lines.join('\n')
    expect(text).toContain('✗ No NATS answers at 127.0.0.1:1 (NATS_URL).')
    expect(text).toContain('✗ No Postgres answers at 127.0.0.1:1 (DATABASE_URL).')
  })

  test('names the agents and tools of the file, and says of each tool whether it can work', async () => {
    const folder = folderForTest()
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const open = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const file = join(folder, 'spool.config.yaml')
    writeFileSync(
      file,
      `agents: { support: { tools: [ticket] }, other: {} }
default_agent: other
tools: { workspace: true, webhooks: { ticket: ${hook(open)}, away: ${hook('127.0.0.1:1')} } }
mcp_servers:
  local: { command: node }
  nowhere: { command: node, cwd: ./nowhere }
  unknown: { command: no-such-program }
  unmade: { command: ./server, cwd: . }
  remote: { url: "http://127.0.0.1:1/mcp" }
`,
    )
    const launcher = await startLauncher({ SPOOL_CONFIG: file, S: 'secret' }, ['--check'])
    expect(await launcher.exit).toBe(1)
    const lines = launcher.lines.map((line) => line.trim().replace(/ +\d+\.\d s$/, ''))
    for (const line of [
      '✓ Agents: support, other (default); tools: workspace_read, workspace_write, ticket, away',
      `✓ Webhook ticket: ${open} accepts connections`,
      '! Webhook away: nothing accepts connections at 127.0.0.1:1 now; calls fail until something does.',
      expect.stringMatching(/^✓ MCP server local: \/.*\/node$/),
      `✗ MCP server nowhere: there is no folder ${join(folder, 'nowhere')} (cwd).`,
      '✗ MCP server unknown: no program no-such-program is on PATH (command).',
      '✗ MCP server unmade: there is no program ./server (command).',
      '! MCP server remote: nothing accepts connections at 127.0.0.1:1 now; calls fail until something does.',
    ])
      expect(lines).toContainEqual(line)
  })
})
