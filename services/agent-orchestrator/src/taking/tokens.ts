export const LOG = Symbol('log')
export const STEPPER = Symbol('stepper')
