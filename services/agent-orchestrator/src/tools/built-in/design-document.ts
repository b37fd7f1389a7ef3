import * as z from 'zod'
import { filenameOf } from './filename-of.ts'
import { zodTool } from './zod-tool.ts'

const MAX_CHARACTERS = 500_000

export const designDocument = zodTool({
  name: 'design_document',
  description: 'Writes a titled document in Markdown, which the user gets as a file beside the conversation.',
  input: z.strictObject({
    title: z
      .string()
      .min(1)
      .max(200)
      .refine((title) => title.trim() !== '', 'must not be blank')
      .describe('Title, in the language of the document'),
    markdown: z.string().min(1).max(MAX_CHARACTERS).describe('The whole document'),
  }),
  repeatable: true,
  timeoutMs: 30_000,
  async run({ title, markdown }, context) {
    const filename = filenameOf(title, 'md')
    await context.createArtifact({
      kind: 'design_document',
      title,
      filename,
      mediaType: 'text/markdown',
      content: markdown,
    })
    return { artifact: filename, title }
  },
})
