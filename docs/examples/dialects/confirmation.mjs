const { SPOOL_URL = 'http://127.0.0.1:8080', SPOOL_KEY } = process.env

async function* chat(body) {
  const response = await fetch(`${SPOOL_URL}/api/v1/chat/stream`, {
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

const [message = 'Send a postcard to Ada'] = process.argv.slice(2)
for await (const frame of chat({ message, agent: 'demo-plan' })) {
  process.stdout.write(frame.chunk_type === 'content' ? frame.chunk : `\n[${frame.chunk_type}] ${frame.chunk}\n`)
  if (!frame.requires_response) continue
  const answer = { session_id: frame.session_id, message: 'CONFIRM_ACTION:confirm' }
  for await (const { chunk_type: type, chunk } of chat(answer)) process.stdout.write(`\n[${type}] ${chunk}\n`)
}
