/** The one key table: what is pressed, what it does, and the words for it. The help on the screen and docs/keys.md are made from it. */

export const ACTS = [
  'tab',
  'next-tab',
  'previous-tab',
  'up',
  'down',
  'expand',
  'back',
  'filter',
  'sort',
  'freeze',
  'shorter',
  'longer',
  'show',
  'pause',
  'more-load',
  'less-load',
  'end-phase',
  'detach',
  'stop',
  'interrupt',
  'snapshot',
  'help',
  'quit',
  'hold',
  'faster',
  'slower',
  'back-a-bit',
  'on-a-bit',
  'back-a-minute',
  'on-a-minute',
] as const
export type Act = (typeof ACTS)[number]

/** Where a key is there: of a run that goes on, that can be steered, that this very process leads, or that another does; of a record that is played. */
type Only = 'run' | 'steered' | 'own' | 'joined' | 'replay'

/** `shown`: as a person would say it; empty when the key above tells of it. Without `only` it is there everywhere. */
export type Key = {
  presses: readonly string[]
  shown: string
  act: Act
  words: string
  only?: Only
}

/** What the dashboard is open on; `joined`: a run that another process leads. */
export type Mode = 'run' | 'steered' | 'joined' | 'replay'

const THERE: Record<Mode, readonly Only[]> = {
  run: ['run', 'own'],
  steered: ['run', 'own', 'steered'],
  // Whether it can be steered is for who leads it to say.
  joined: ['run', 'steered', 'joined'],
  replay: ['replay'],
}

export const TABS = ['overview', 'workers', 'endpoints', 'errors', 'heatmap', 'plan', 'events'] as const
export type Tab = (typeof TABS)[number]

export const keys: readonly Key[] = [
  { presses: ['1', '2', '3', '4', '5', '6', '7'], shown: '1…7', act: 'tab', words: `go to ${TABS.join(', ')}` },
  { presses: ['tab', 'right', 'l'], shown: 'tab → l', act: 'next-tab', words: 'next tab' },
  { presses: ['shift-tab', 'left', 'h'], shown: '← h', act: 'previous-tab', words: 'tab before' },
  { presses: ['up', 'k'], shown: '↑ k', act: 'up', words: 'one row up' },
  { presses: ['down', 'j'], shown: '↓ j', act: 'down', words: 'one row down' },
  { presses: ['enter', 'e'], shown: 'enter e', act: 'expand', words: 'all about the row, or less again' },
  { presses: ['escape'], shown: 'esc', act: 'back', words: 'close, and clear the filter' },
  { presses: ['/'], shown: '/', act: 'filter', words: 'only rows with this text; enter keeps it, esc clears it' },
  { presses: ['s'], shown: 's', act: 'sort', words: 'sort by the next column' },
  { presses: ['f'], shown: 'f', act: 'freeze', words: 'freeze the screen, the run goes on; again to go on' },
  { presses: ['['], shown: '[', act: 'shorter', words: 'a shorter span for "now", the sparklines and the heatmap' },
  { presses: [']'], shown: ']', act: 'longer', words: 'a longer span' },
  { presses: ['c'], shown: 'c', act: 'show', words: 'response time, service time, or both' },
  { presses: ['p'], shown: 'p', act: 'pause', words: 'pause the load, or resume it', only: 'steered' },
  {
    presses: ['+', '='],
    shown: '+ -',
    act: 'more-load',
    words: 'a tenth more load, or less; asks first',
    only: 'steered',
  },
  { presses: ['-'], shown: '', act: 'less-load', words: '', only: 'steered' },
  { presses: ['n'], shown: 'n', act: 'end-phase', words: 'end this phase; asks first', only: 'steered' },
  { presses: ['d'], shown: 'd', act: 'detach', words: 'leave the run to its stage; asks first', only: 'own' },
  { presses: ['x'], shown: 'x', act: 'stop', words: 'stop the run; asks first; again: at once', only: 'run' },
  { presses: ['ctrl-c'], shown: '^C', act: 'interrupt', words: 'stop the run; again: at once', only: 'own' },
  { presses: ['p', ' '], shown: 'p space', act: 'hold', words: 'stand still, or go on', only: 'replay' },
  { presses: ['+', '='], shown: '+', act: 'faster', words: 'faster', only: 'replay' },
  { presses: ['-'], shown: '-', act: 'slower', words: 'slower', only: 'replay' },
  { presses: [','], shown: ',', act: 'back-a-bit', words: 'ten seconds back', only: 'replay' },
  { presses: ['.'], shown: '.', act: 'on-a-bit', words: 'ten seconds on', only: 'replay' },
  { presses: ['<'], shown: '<', act: 'back-a-minute', words: 'a minute back', only: 'replay' },
  { presses: ['>'], shown: '>', act: 'on-a-minute', words: 'a minute on', only: 'replay' },
  { presses: ['w'], shown: 'w', act: 'snapshot', words: "write the screen into the run's folder" },
  { presses: ['?'], shown: '?', act: 'help', words: 'this help' },
  { presses: ['q'], shown: 'q', act: 'quit', words: 'stop, or leave the dashboard; asks', only: 'own' },
  { presses: ['q', 'ctrl-c'], shown: 'q ^C', act: 'quit', words: 'leave; the run goes on', only: 'joined' },
  { presses: ['q', 'ctrl-c'], shown: 'q ^C', act: 'quit', words: 'leave', only: 'replay' },
]

/** The keys that there are where the dashboard is open. */
export const keysIn = (mode: Mode): Key[] => keys.filter(({ only }) => only === undefined || THERE[mode].includes(only))

/** The key of a press: also one that is only there when a run can be steered, to say so. */
export const keyOf = (press: string, mode: Mode): Key | null =>
  keysIn(mode === 'run' ? 'steered' : mode).find(({ presses }) => presses.includes(press)) ?? null

/** What is asked before it is done; the answers to it are all that is listened to. */
export type Ask =
  | { kind: 'stop' }
  | { kind: 'detach' }
  | { kind: 'quit' }
  | { kind: 'end-phase' }
  | { kind: 'scale'; scale: number }

/** `arrivalRate`: what it would be now with that scale. */
export function question(ask: Ask, phase: string, arrivalRate: number): string {
  switch (ask.kind) {
    case 'stop':
      return 'Stop the run? enter stop, esc go on'
    case 'detach':
      return 'Leave it to its stage? enter, esc stay'
    case 'quit':
      return 'Leave? s stop, l leave, esc stay'
    case 'end-phase':
      return `End phase "${phase}"? enter end, esc go on`
    case 'scale':
      return `Load x ${ask.scale.toFixed(2)}: ${arrivalRate.toFixed(1)}/s? enter, + -, esc`
  }
}

export const notices = {
  fixed: 'This run cannot be steered.',
  stopping: 'Stopping: what is in flight may end. x or ^C again: at once.',
  asked: 'Stopping: what is in flight may end. x again: at once.',
  now: 'Stopping at once.',
  leaving: 'Leaving the run to its stage.',
  attached: (why: string): string => `Not left: ${why}.`,
  written: (path: string): string => `Screen written to ${path}`,
  unwritten: (why: string): string => `The screen could not be written: ${why}`,
} as const

/** What the terminal gets when the dashboard is gone before the run is. */
export const words = {
  left: 'Left the dashboard; the run goes on. ^C stops it.',
  crashed: (why: string): string => `The dashboard failed (${why}); the run goes on without it.`,
} as const

const WHERE: Record<Only, string> = {
  run: ' (while the run goes on)',
  own: ' (where the run was begun)',
  joined: ' (in `slsart attach`)',
  steered: ' (where the run can be steered)',
  replay: ' (in a replay)',
}

/** docs/keys.md. */
export function keysMarkdown(): string {
  const row = ({ shown, words, only }: Key): string => {
    const pressed = shown.split(' ').map((key) => `\`${key}\``)
    return `| ${pressed.join(' ')} | ${words}${only === undefined ? '' : WHERE[only]} |`
  }
  return [
    '# Keys of the dashboard',
    '',
    'Made from the key table in `src/dashboard/keys.ts` by `npm run docs`, as is the help behind `?`.',
    '',
    '| key | |',
    '|---|---|',
    ...keys.filter(({ shown }) => shown !== '').map(row),
    '',
  ].join('\n')
}
