import type { ProviderName, RouteSettings } from './route-settings.ts'

type Families = readonly (readonly [model: RegExp, tokens: number])[]

/**
 * What models of these families take in at least, where the route does not say. Of a deployment at Azure, and of servers
 * of one's own, the name says too little: how much those take is set where they run.
 */
const families: Readonly<Partial<Record<ProviderName, Families>>> = {
  openai: [
    [/^gpt-5.*-chat/, 128_000],
    // 400,000, of which 128,000 are for the answer alone.
    [/^gpt-5/, 272_000],
    [/^gpt-4\.1/, 1_047_576],
    [/^(chatgpt-4o|gpt-4o|gpt-4-turbo)/, 128_000],
    [/^gpt-4(-0613)?$/, 8192],
    [/^gpt-3\.5-turbo/, 16_385],
    [/^o1-(mini|preview)/, 128_000],
    [/^o[134]\b/, 200_000],
  ],
  anthropic: [[/^claude-(?!instant|[12]\b)/, 200_000]],
  google: [[/^gemini-(?!1\.0|pro$|pro-vision|.*(image|tts|live|audio|embedding|computer|robotics))/, 1_048_576]],
}

/** Tokens that fit into this way to the model, the answer included; null where nobody knows. */
export function windowOfRoute({ provider, model, contextWindow }: RouteSettings): number | null {
  if (contextWindow !== undefined) return contextWindow
  // As it is asked to behave.
  if (provider === 'demo') return Number(/[?&]window=(\d+)/.exec(model)?.[1] ?? 0) || null
  const name = model.replace(/^ft:/, '')
  return families[provider]?.find(([family]) => family.test(name))?.[1] ?? null
}
