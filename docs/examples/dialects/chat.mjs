const { SPOOL_URL = 'http://127.0.0.1:8080', SPOOL_KEY } = process.env
const headers = { authorization: `Bearer ${SPOOL_KEY}`, 'content-type': 'application/json' }

async function* chat(body) {
  const response = await fetch(`${SPOOL_URL}/chat/stream`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error((await response.json()).detail)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  while (true) {
    const { done, value } = await reader.read()
    if (done) throw new Error('The connection broke off.')
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue
      const data = line.slice('data: '.length)
      if (data === '[DONE]') return
      const { content, error } = JSON.parse(data)
      if (error) throw new Error(error)
      yield content
    }
  }
}

const [message = 'Hello!', session_id = `chat-${Date.now()}`] = process.argv.slice(2)
for await (const content of chat({ message, session_id })) process.stdout.write(content)
console.log()

const stored = await fetch(`${SPOOL_URL}/sessions/${session_id}/messages`, { headers })
for (const { id, role, content } of await stored.json()) console.log(`[${role}] ${content} (${id})`)
