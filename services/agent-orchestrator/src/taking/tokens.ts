export const LOG = Symbol('log')
export const STEPPER = Symbol('stepper')
export const FORKER = Symbol('forker')
