import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { AT, BEFORE, limit } from '../describing/parameters.ts'
import { nullable } from '../describing/scalars.ts'
import { artifact, atCursor, listedSession, message, question, rawMessage, run, session } from './snapshot-schemas.ts'

const headers = ['x-spool-session']
const ofSession = { 400: ['malformed_cursor'], 404: ['session_not_found', 'cursor_not_found'], 410: ['session_erased'] }

export const listSessions: Operation = {
  id: 'listSessions',
  group: 'Sessions',
  summary: 'The sessions of the tenant, the newest first',
  query: { limit: limit(1000, 100).optional(), before: BEFORE },
  answers: {
    200: {
      description: 'A page of them.',
      json: z.object({ sessions: z.array(listedSession), next: nullable(z.string()) }),
    },
  },
}

export const readSession: Operation = {
  id: 'readSession',
  group: 'Sessions',
  summary: 'A session',
  query: { at: AT },
  answers: { 200: { description: 'As it is.', json: z.object({ session, cursor: atCursor }), headers } },
  problems: ofSession,
}

export const listMessages: Operation = {
  id: 'listMessages',
  group: 'Sessions',
  summary: 'The messages of a session, in the order of the conversation',
  query: {
    limit: limit(1000, 100).optional(),
    after: z
      .string()
      .regex(/^\d{1,15}$/)
      .optional()
      .describe('The `next` of the page before.'),
    at: AT,
  },
  answers: {
    200: {
      description: 'A page of them.',
      json: z.object({ messages: z.array(message), next: nullable(z.string()), cursor: atCursor }),
      headers,
    },
  },
  problems: ofSession,
}

export const readMessage: Operation = {
  id: 'readMessage',
  group: 'Sessions',
  summary: 'A message',
  query: { at: AT },
  answers: { 200: { description: 'As it is.', json: z.object({ message, cursor: atCursor }), headers } },
  problems: { ...ofSession, 404: ['message_not_found', 'cursor_not_found'] },
}

export const readRawMessage: Operation = {
  id: 'readRawMessage',
  group: 'Sessions',
  summary: 'What a model was sent for a message, and how its provider ended it',
  answers: { 200: { description: 'Attempt by attempt.', json: rawMessage, headers } },
  problems: { 404: ['message_not_found', 'not_requested'], 410: ['session_erased'] },
}

export const readRun: Operation = {
  id: 'readRun',
  group: 'Runs',
  summary: 'A run',
  query: { at: AT },
  answers: { 200: { description: 'As it is.', json: z.object({ run, cursor: atCursor }), headers } },
  problems: { ...ofSession, 404: ['run_not_found', 'cursor_not_found'] },
}

export const listConfirmations: Operation = {
  id: 'listConfirmations',
  group: 'Questions',
  summary: 'All that was asked of people in a session',
  query: { at: AT },
  answers: {
    200: {
      description: 'In their order, answered or not.',
      json: z.object({ confirmations: z.array(question), cursor: atCursor }),
      headers,
    },
  },
  problems: ofSession,
}

export const listArtifacts: Operation = {
  id: 'listArtifacts',
  group: 'Sessions',
  summary: 'The documents that tools have made in a session',
  query: { at: AT },
  answers: {
    200: {
      description: 'All of them.',
      json: z.object({ artifacts: z.array(artifact), cursor: atCursor }),
      headers,
    },
  },
  problems: ofSession,
}
