import { z } from 'zod'
import { commonFields, present, sessionId } from './common-fields.ts'
import type { Dialect, DialectState } from './dialect.ts'

const body = z.object({
  message: z.string().min(1),
  session_id: sessionId,
  config_id: z.string().min(1).max(256).nullish(),
  ...commonFields,
})

interface State extends DialectState {
  /** The message that is the answer, once it is known. */
  answer: string | null
}

/** Chat with `[DONE]`: pieces of text, and a word at the end that says that all of it is there, and stored. */
export const chat: Dialect<z.output<typeof body>, null, State> = {
  name: 'chat',
  summary: 'Chat with [DONE]',
  path: '/chat/stream',
  wholePath: '/chat',
  body,
  endsWhenStored: true,

  wish({ message, session_id, config_id, ...common }) {
    const { language, ...rest } = present({ ...common, ...(config_id != null && { agent: config_id }) })
    return {
      kind: 'run',
      answer: 'stream',
      options: null,
      session: session_id ?? undefined,
      language,
      run: { message, ...rest },
    }
  },

  options: () => null,

  open: () => ({ state: { answer: null }, frames: [] }),

  encode({ event }, state) {
    if (event.type === 'message.started' && event['purpose'] === 'answer') state.answer = String(event['message'])
    if (event.type === 'text.delta' && event['message'] === state.answer) return [{ data: { content: event['text'] } }]
    return []
  },

  close: () => [{ data: '[DONE]' }],

  tell: ({ session, message }) => ({ status: 200, body: { session_id: session, message: message?.['text'] ?? '' } }),
}
