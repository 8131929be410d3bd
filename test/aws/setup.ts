/** Before the tests: what they need is installed. */
import { prepare } from './standin/prepare.ts'

export const setup = (): void => prepare()
