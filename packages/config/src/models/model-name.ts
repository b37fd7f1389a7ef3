/** What a model may be called where somebody asks for it: `default`, `gpt-5-mini`, `deepseek/r1:free`. */
const modelName = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/

/** The demo model's own names, with what it is asked to do: `demo`, `demo/steady?tokens=20`. */
const demoName = /^demo(\/[a-z-]+(\?.{0,500})?)?$/

export const isModelName = (name: string): boolean => modelName.test(name)

export const isDemoName = (name: string): boolean => demoName.test(name)
