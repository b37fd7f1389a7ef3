const { SPOOL_URL = 'http://127.0.0.1:8080', SPOOL_KEY } = process.env
const [content = 'Write a design document about tea', agent = 'demo-document'] = process.argv.slice(2)

const response = await fetch(`${SPOOL_URL}/api/chat/agent`, {
  method: 'POST',
  headers: { authorization: `Bearer ${SPOOL_KEY}`, 'content-type': 'application/json' },
  body: JSON.stringify({
    session_id: crypto.randomUUID(),
    dialogue_history: [{ role: 'user', content, timestamp: new Date().toISOString() }],
    agent,
  }),
})
if (!response.ok) throw new Error((await response.json()).detail)

function show({ event_type: type, data }) {
  if (type === 'assistant_message_chunk') process.stdout.write(data.content)
  else process.stdout.write(`\n[${type}] ${data.status_message ?? data.tool_name ?? data.filename ?? ''}\n`)
}

const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
let rest = ''
while (true) {
  const { done, value } = await reader.read()
  if (done) break
  const lines = (rest + value).split('\n')
  rest = lines.pop()
  for (const line of lines) if (line.startsWith('data: ')) show(JSON.parse(line.slice('data: '.length)))
}
