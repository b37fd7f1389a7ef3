import { attributes, genAiAttributes } from '@spool/telemetry'
import { modelLabel, OTHER_MODEL } from './model-label.ts'
import { providerLabel } from './provider-label.ts'

export const OPERATION = 'chat'

/** The provider of a model that nobody offers. Its name may be anything, and would take the place of one that there is. */
const NOBODY = 'none'

/** What every metric of a call says of it. */
export function callLabels(provider: string, model: string) {
  return { [genAiAttributes.operationName]: OPERATION, ...modelLabels(provider, model) }
}

/** What every metric of a route says of it. */
export function routeLabels(asked: string, provider: string, model: string) {
  const name = provider === NOBODY ? OTHER_MODEL : modelLabel(asked)
  return { [attributes.askedModel]: name, ...modelLabels(provider, model) }
}

function modelLabels(provider: string, model: string) {
  return {
    [genAiAttributes.providerName]: providerLabel(provider),
    [genAiAttributes.requestModel]: provider === NOBODY ? OTHER_MODEL : modelLabel(model),
  }
}
