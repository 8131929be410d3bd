/**
 * Which way imports run: the picture of docs/architecture.md as one list. What is not listed is an error.
 *
 *   cli ───────────► everything, each command lazily       lambda ──► plan measure wire store, scenario's script, duration, global, objects and plugin
 *   report ────────► run's state, record and log; measure, plan        run ────► plan measure scenario wire store, the Fleet interface
 *   fleet, stack ──► wire store, the Fleet interface       scenario ► plan, wire, measure's thresholds, ensure, artillery
 *   tasks ─────────► the fleets, wire, store; how a run packs code, orders and hears workers; how the command line finds a stage
 *   dashboard ─────► run's state and what it is made of; measure, plan, report's advice
 *   wire ──────────► types of plan, measure and scenario   store ───► wire/keys
 *   plan │ measure ► units errors, and not each other          secrets ► nothing; lambda, run, cli and world know it
 */
const room = (name) => `^src/${name}/`
const ground = '^src/(units|errors|aws-errors|target-errors|task-errors|region-errors|round-texts)[.]ts$'
const world = '^src/world[.]ts$'
const types = { dependencyTypes: ['type-only'] }
const from = (name, ...to) =>
  to.map((target) => ({ from: { path: room(name) }, to: typeof target === 'string' ? { path: target } : target }))

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-aws-in-rooms',
      comment: "code that names AWS from the operator's side lives in src/fleet or src/stack",
      severity: 'error',
      from: { path: '^(src|lambda)/', pathNot: '^src/(fleet|stack)/' },
      to: { path: '^node_modules/@aws-sdk/' },
    },
  ],
  allowedSeverity: 'error',
  allowed: [
    { from: {}, to: { pathNot: '^(src|lambda)/|^package[.]json$' } },
    { from: { path: '^src/(cli)/' }, to: { path: '^src/' } },
    { from: { path: '^src/cli/version[.]ts$' }, to: { path: '^package[.]json$' } },
    { from: { path: '^src/world[.]ts$' }, to: { path: [ground, room('secrets')] } },
    ...from('secrets', room('secrets')),
    { from: { path: '^src/aws-errors[.]ts$' }, to: { path: ground } },
    { from: { path: '^src/(target-errors|round-texts)[.]ts$' }, to: { path: ground } },
    { from: { path: '^src/(task|region)-errors[.]ts$' }, to: { path: ground } },
    { from: { path: '^src/task-errors[.]ts$' }, to: { path: '^src/tasks/types[.]ts$', ...types } },
    { from: { path: '^src/index[.]ts$' }, to: { path: [room('tasks'), ground] } },
    ...from(
      'tasks',
      room('tasks'),
      ground,
      world,
      room('wire'),
      room('store'),
      room('fleet'),
      '^src/scenario/(pack|project|hosts)[.]ts$',
      '^src/run/(heard|ordering)[.]ts$',
      '^src/stack/(clients|deployed|zip)[.]ts$',
      '^src/cli/(settings|store)[.]ts$',
    ),
    ...from('plan', room('plan'), ground),
    ...from('measure', room('measure'), ground),
    ...from('wire', room('wire'), ground, { path: [room('plan'), room('measure'), room('scenario')], ...types }),
    ...from('store', room('store'), ground, '^src/wire/keys[.]ts$', { path: room('wire'), ...types }),
    ...from(
      'scenario',
      room('scenario'),
      ground,
      room('plan'),
      room('wire'),
      '^src/measure/(artillery|ensure|thresholds)[.]ts$',
    ),
    ...from('fleet', room('fleet'), ground, world, room('wire'), room('store'), { path: room('plan'), ...types }),
    ...from(
      'run',
      room('run'),
      ground,
      world,
      room('plan'),
      room('measure'),
      room('scenario'),
      room('wire'),
      room('store'),
      room('secrets'),
      '^src/fleet/fleet[.]ts$',
    ),
    ...from(
      'report',
      room('report'),
      ground,
      world,
      room('measure'),
      room('plan'),
      '^src/run/(state|record|log)[.]ts$',
      { path: '^src/run/(compare|happenings|kill|request|standing|underway|workers)[.]ts$', ...types },
      { path: '^src/wire/(orders|steering)[.]ts$', ...types },
      { path: [room('scenario'), '^src/run/prepare[.]ts$'], ...types },
    ),
    ...from(
      'dashboard',
      room('dashboard'),
      ground,
      room('measure'),
      room('plan'),
      '^src/run/(state|workers|recent|thresholds|standing|happenings|steer)[.]ts$',
      '^src/report/advice[.]ts$',
      { path: world, ...types },
    ),
    ...from('fleet', { path: room('measure'), ...types }),
    ...from(
      'stack',
      room('stack'),
      ground,
      { path: room('plan'), ...types },
      room('wire'),
      room('store'),
      { path: '^src/fleet/fleet[.]ts$', ...types },
      '^src/scenario/near[.]ts$',
      {
        path: world,
        ...types,
      },
    ),
    ...from('report', '^src/wire/(start|loglines)[.]ts$'),
    ...from('report', { path: '^src/stack/(settings|inventory|stack|apply|remove|doctor)[.]ts$', ...types }),
    {
      from: { path: '^lambda/' },
      to: {
        path: [
          '^lambda/',
          room('plan'),
          room('measure'),
          room('wire'),
          room('store'),
          room('secrets'),
          ground,
          '^src/scenario/(duration|global|objects|plugin)[.]ts$',
        ],
      },
    },
    { from: { path: '^lambda/' }, to: { path: '^artillery-upstream/' } },
    // The last step of a run that nobody conducts is a conductor's, where it may be.
    { from: { path: '^lambda/closing/' }, to: { path: [room('run'), room('report')] } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types'],
    },
  },
}
