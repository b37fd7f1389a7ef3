import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const answersWithinMs = 2_000

/** One request in the NATS protocol, by hand: only @spool/log imports a NATS client. Empty where nobody answered. */
export function natsRequest(port: number, subject: string, body: string): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (answer = '') => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(answersWithinMs, finish)
    socket.on('error', () => finish())
    socket.on('data', (chunk) => {
      received += chunk.toString()
      const answer = /^MSG .*\r\n(.+)\r\n/m.exec(received)
      if (answer) finish(answer[1])
    })
    const inbox = `_INBOX.${randomBytes(8).toString('hex')}`
    const payload = `${Buffer.byteLength(body)}\r\n${body}\r\n`
    socket.write(`CONNECT {"verbose":false}\r\nSUB ${inbox} 1\r\nPUB ${subject} ${inbox} ${payload}`)
  })
}
