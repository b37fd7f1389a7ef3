import { parseDemoModel } from '../../../services/llm-proxy/src/providers/demo/demo-model.ts'
import { DemoProvider } from '../../../services/llm-proxy/src/providers/demo/demo-provider.ts'

/** What `demo/clock` says, made and paced by the very code that makes it in Spool. */
export async function* clockTokens(tokens: number, tokensPerSecond: number): AsyncGenerator<string> {
  const model = `demo/clock?tokens=${tokens}&tps=${tokensPerSecond}`
  const { signal } = new AbortController()
  const provider = new DemoProvider(model, parseDemoModel(model)!)
  for await (const chunk of provider.generate({ prompt: [], keptText: '', parameters: {}, signal })) {
    if (chunk.type === 'text') yield chunk.text
  }
}
