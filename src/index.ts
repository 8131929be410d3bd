/** What programs may import from slsart. */
export { SlsartError } from './errors.ts'
export { MapError, TaskError, type TaskFailure } from './task-errors.ts'
export { lambdaFleet, localFleet } from './tasks/fleets.ts'
export type {
  FleetOptions,
  Functions,
  ItemOf,
  LambdaFleetOptions,
  MapOptions,
  NameIn,
  Outcome,
  ResultOf,
  Task,
  TaskContext,
  TaskPool,
  TaskState,
} from './tasks/types.ts'
