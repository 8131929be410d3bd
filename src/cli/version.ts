import manifest from '../../package.json' with { type: 'json' }

export const version: string = manifest.version
/** The oldest node that will do. */
export const leastNode: string = manifest.engines.node.replace('>=', '')
