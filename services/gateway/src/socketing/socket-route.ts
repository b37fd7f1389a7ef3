import type { Operation } from '../describing/operation.ts'
import { component } from '../describing/schemas.ts'
import { operationSchema } from './operation.ts'

export const openSocket: Operation = {
  id: 'openSocket',
  group: 'Streams',
  summary: 'Any number of sessions over one WebSocket',
  description:
    'The client sends `{op, id, session, …}` with `op` one of `follow`, `unfollow`, `run`, `cancel`, `confirm`; the server ' +
    'answers `{re: id, ok}` or `{re: id, error}` and sends events as `{session, id, event}`.',
  answers: { 101: { description: 'It is open.', socket: component('SocketOperation', operationSchema) } },
  problems: { 426: ['upgrade_required'] },
}
