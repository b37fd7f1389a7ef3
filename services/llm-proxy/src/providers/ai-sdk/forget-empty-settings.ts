/**
 * To be imported before any package of the SDK: these look at the environment as they are loaded, and do not load where
 * a setting is there without a value, as a compose file leaves those that nobody set.
 */
for (const name of ['OPENAI_BASE_URL', 'ANTHROPIC_BASE_URL'])
  if (process.env[name]?.trim() === '') Reflect.deleteProperty(process.env, name)
