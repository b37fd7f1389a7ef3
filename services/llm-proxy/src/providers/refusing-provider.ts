import type { ProviderError } from './provider-error.ts'
import type { Provider } from './provider.ts'

/** Stands for a model that cannot be called, so that its refusal goes the way of every other failure. */
export function refusingProvider(name: string, model: string, error: ProviderError): Provider {
  return {
    name,
    model,
    // eslint-disable-next-line require-yield
    async *generate() {
      throw error
    },
  }
}
