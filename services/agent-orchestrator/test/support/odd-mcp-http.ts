import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

interface Request {
  readonly id?: number
  readonly method: string
  readonly params: { readonly name: string }
}

export interface OddHttp {
  readonly url: string
  readonly requests: { readonly message: Request | null; readonly headers: IncomingHttpHeaders }[]
  /** How many calls of tools have arrived. */
  readonly calls: () => number
}

/** An MCP server over HTTP that lists one tool, `act`, and answers its calls as the test wants it; the last way for all more. */
export async function oddHttp(...answers: ((response: ServerResponse, id: number) => void)[]): Promise<OddHttp> {
  const requests: OddHttp['requests'] = []
  const calls = () => requests.filter(({ message }) => message?.method === 'tools/call').length
  const url = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const message = body === '' ? null : (JSON.parse(body) as Request)
    requests.push({ message, headers: request.headers })
    if (message === null) return response.writeHead(405).end()
    const { id, method } = message
    if (id === undefined) return response.writeHead(202).end()
    if (method === 'initialize')
      return json(response, id, {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'odd', version: '1' },
      })
    if (method === 'tools/list')
      return json(response, id, { tools: [{ name: 'act', inputSchema: { type: 'object' } }] })
    return answers[Math.min(calls(), answers.length) - 1]!(response, id)
  })
  return { url, requests, calls }
}

/** Until the test is over. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

export const said = (text: string) => (response: ServerResponse, id: number) =>
  void json(response, id, { content: [{ type: 'text', text }] })

function json(response: ServerResponse, id: number, result: object) {
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' })
  return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
}
