export { ConfigError, type ConfigProblem } from './config-error.ts'
export { describeSettings, type SettingDescription } from './describe-settings.ts'
export { loadConfig, type Environment } from './load-config.ts'
export { serviceSettings } from './service-settings.ts'
export {
  boolean,
  copies,
  identifier,
  milliseconds,
  oneOf,
  port,
  secret,
  text,
  url,
  urls,
  wholeNumber,
} from './settings.ts'
