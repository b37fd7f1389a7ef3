import { z } from 'zod'
import type { Operation } from './operation.ts'

export const readDocument: Operation = {
  id: 'readOpenApi',
  group: 'Health',
  summary: 'This document',
  open: true,
  answers: { 200: { description: 'OpenAPI 3.1.', json: z.record(z.string(), z.unknown()) } },
}

export const readDocs: Operation = {
  id: 'readDocs',
  group: 'Health',
  summary: 'This document, for people',
  open: true,
  answers: { 200: { description: 'A page.', html: true } },
}
