export const OTHER_MODEL = 'other'

const MAX_LABELS = 100
const labels = new Set<string>()

/**
 * A model's name as a metric carries it. Whoever sends a message can name any model, and every new value would be a
 * time series for good: so without its parameters, and past so many names as one of the others.
 */
export function modelLabel(model: string): string {
  const [name = model] = model.split('?')
  if (labels.size < MAX_LABELS) labels.add(name)
  return labels.has(name) ? name : OTHER_MODEL
}
