/** Where the GenAI conventions have a word of their own for a provider, spans and metrics use that one. */
const conventional: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  google: 'gcp.gemini',
}

export const providerLabel = (provider: string): string => conventional[provider] ?? provider
