import { isScalar, type Pair } from 'yaml'

/** `<<`, which takes the fields of other maps in; in quotes it is a name like others. */
export const isMergeKey = ({ key }: Pair): boolean => isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
