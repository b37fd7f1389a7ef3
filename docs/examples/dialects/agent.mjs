const { SPOOL_URL = 'http://127.0.0.1:8080', SPOOL_KEY } = process.env

async function* chat(agent, body) {
  const response = await fetch(`${SPOOL_URL}/api/v1/agents/${agent}/chat/stream`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SPOOL_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error((await response.json()).detail)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  while (true) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length))
  }
}

const [agent = 'demo-memory', message = 'My name is Ada. I like tea.', user_id = 'ada'] = process.argv.slice(2)
for await (const { chunk_type, content, tool_call, memories_count } of chat(agent, { message, user_id })) {
  if (chunk_type === 'content') process.stdout.write(content)
  else if (chunk_type === 'tool_call') console.log(`\n[${tool_call.tool_name}] ${tool_call.status}`)
  else if (chunk_type === 'memory_update') console.log(`\n[memory ${memories_count}] ${content ?? '…'}`)
  else console.log(`\n[${chunk_type}] ${content ?? ''}`)
}
