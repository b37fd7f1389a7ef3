/** Frames of Gemini's `streamGenerateContent`, as it writes them. */
export const frame = (body: object): string => `data: ${JSON.stringify({ responseId: 'resp-1', ...body })}\r\n\r\n`

export const parts = (...said: object[]): string =>
  frame({ candidates: [{ content: { role: 'model', parts: said }, index: 0 }] })

export const text = (said: string): string => parts({ text: said })

export const end = (finishReason = 'STOP', usageMetadata: object = {}): string =>
  frame({
    candidates: [{ content: { role: 'model', parts: [] }, finishReason, index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13, ...usageMetadata },
  })
