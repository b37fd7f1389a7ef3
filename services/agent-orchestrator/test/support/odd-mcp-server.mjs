// An MCP server over stdio as one would rather not have it, written without the SDK, which would not let it be so.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const options = JSON.parse(process.argv[2] ?? '{}')
const object = { type: 'object' }
const safe = { idempotentHint: true }
const cancelled = []

const text = (value) => ({ content: [{ type: 'text', text: String(value) }] })

const tools = {
  pid: () => text(process.pid),
  die: () => process.exit(1),
  // Whoever asks again after that gets an answer.
  die_once() {
    if (existsSync(options.marker)) return text('done')
    writeFileSync(options.marker, '')
    return process.exit(1)
  },
  huge: () => text('x'.repeat(9 * 1024 * 1024)),
  wait: () => undefined,
  cancelled: () => text(cancelled.join()),
  wrong: () => ({ content: 'not what MCP knows' }),
  unpromised: () => text('and yet it moves'),
  noise() {
    process.stdout.write('a line that is no message\n{"nor": "this"}\n')
    process.stderr.write('noise\n'.repeat(10_000))
    return text('heard')
  },
  grow() {
    listed.push({ name: 'grown', inputSchema: object })
    send({ method: 'notifications/tools/list_changed' })
    return text('grown')
  },
}

const outputSchema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }
const listed = Object.keys(tools).map((name) => ({
  name,
  inputSchema: object,
  ...(name === 'die_once' && !options.unsafe && { annotations: safe }),
  ...(name === 'unpromised' && { outputSchema }),
}))
if (options.odd) {
  listed.push(
    { name: 'pid', description: 'the second of its name', inputSchema: object },
    { name: 'bad_type', inputSchema: { type: 'object', properties: { a: { type: 'word' } } } },
    { name: 'bad_pattern', inputSchema: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } } },
    { name: 'of_no_object', inputSchema: { type: 'string' } },
    { name: 'without_schema' },
    { inputSchema: object },
    null,
    { name: 'with.dots and spaces', inputSchema: object },
  )
}
for (let index = 0; index < (options.many ?? 0); index++) {
  const properties = { [`field_${index}`]: { type: 'string' } }
  listed.push({ name: `tool_${index}`, inputSchema: { ...object, properties } })
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'odd', version: '1' },
  }),
  'tools/list'({ cursor = '0' }) {
    const next = Number(cursor) + 50
    return { tools: listed.slice(Number(cursor), next), ...(next < listed.length && { nextCursor: String(next) }) }
  },
  'tools/call': ({ name }) => tools[name](),
}

if (options.silent) process.stdin.resume()
else {
  createInterface(process.stdin).on('line', (line) => {
    const { id, method, params } = JSON.parse(line)
    if (method === 'notifications/cancelled') cancelled.push(params.requestId)
    if (id === undefined) return
    const result = methods[method]?.(params ?? {})
    if (result !== undefined) send({ id, result })
  })
}

if (options.stubborn) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
  const helper = spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{}); setInterval(()=>{},1000)'])
  tools.helper = () => text(helper.pid)
  listed.push({ name: 'helper', inputSchema: object })
}
