/**
 * What an IP address is to a load test: this machine or a private network, where load may always go; a cloud's metadata service or the
 * link itself, where it never may; or public, where it may when somebody says so. The URL standard's parser reads them, so
 * that every spelling of an address is that address: 2852039166, 0xa9fea9fe, 0251.0376.0251.0376, ::ffff:a9fe:a9fe.
 */
export type AddressKind = 'private' | 'refused' | 'public'

type Bytes = readonly number[]
/** The first so many bits of an address. */
type Range = { bytes: Bytes; bits: number }

const ranges = (...written: readonly string[]): Range[] =>
  written.map((text) => {
    const [address = '', bits = ''] = text.split('/')
    return { bytes: bytesOf(address) ?? [], bits: Number(bits) }
  })

/** Only what can be a whole address is read as one: `a@127.0.0.1` is not. */
const ADDRESS = /^[\da-fx.:]+$/i
const DOTTED = /^\d+\.\d+\.\d+\.\d+$/
/** Such a one needs no parser. */
const CANONICAL = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/

/** Of an address that is no name: 4 or 16 bytes; null: it is none. A zone (`%eth0`) is no part of it. */
function bytesOf(text: string): Bytes | null {
  const [bare = ''] = text.replace(/^\[(.*)\]$/, '$1').split('%', 1)
  if (!ADDRESS.test(bare)) return null
  if (CANONICAL.test(bare)) {
    const bytes = bare.split('.').map(Number)
    return bytes.every((byte) => byte < 256) ? bytes : null
  }
  const host = URL.parse(bare.includes(':') ? `http://[${bare}]` : `http://${bare}`)?.hostname ?? ''
  if (host.startsWith('[')) return groupsIn(host.slice(1, -1)).flatMap((group) => [group >> 8, group & 255])
  return DOTTED.test(host) ? host.split('.').map(Number) : null
}

/** The eight numbers of an IPv6 address as URLs have it: hexadecimal, the longest row of zeros left out. */
function groupsIn(host: string): number[] {
  const [head = [], tail = []] = host
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))))
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

/** Sources: AWS (EC2, ECS, EKS), Azure, Google, Oracle, Alibaba and Scaleway on their metadata services; RFC 3927, RFC 4291 on the link. */
const REFUSED = ranges(
  ...['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32'],
  ...['fe80::/10', 'fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:c1::a9fe:a9fe/128', 'fd00:42::42/128'],
)

/** RFC 1918, RFC 4193, loopback, and what a connection to no address at all goes to: this machine. CGNAT's 100.64/10 is the provider's. */
const PRIVATE = ranges(
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '0.0.0.0/32'],
  ...['::1/128', '::/128', 'fc00::/7'],
)

const MAPPED = ranges('::ffff:0:0/96')

/** Where IPv6 addresses carry one of IPv4 to a translator or a tunnel: at these bytes. RFC 4291, 2765, 6052, 8215, 3056. */
const CARRIERS = [
  { ranges: ranges('::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48'), at: [12, 13, 14, 15] },
  { ranges: ranges('64:ff9b:1::/48'), at: [6, 7, 9, 10] },
  { ranges: ranges('2002::/16'), at: [2, 3, 4, 5] },
  { ranges: ranges('2001::/32'), at: [4, 5, 6, 7] },
]
/** Teredo writes the client's inverted. RFC 4380. */
const TEREDO = ranges('2001::/32')

const isIn = (bytes: Bytes, among: readonly Range[]): boolean =>
  among.some(({ bytes: start, bits }) => start.length === bytes.length && beginsWith(bytes, start, bits))

function beginsWith(bytes: Bytes, start: Bytes, bits: number): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 255 : 256 - 2 ** (8 - left)
    if (((bytes[i] ?? 0) & mask) !== ((start[i] ?? 0) & mask)) return false
  }
  return true
}

/** Null: it is a name, or nothing at all. */
export function kindOf(host: string): AddressKind | null {
  const bytes = bytesOf(host)
  return bytes === null ? null : kindOfBytes(bytes)
}

function kindOfBytes(bytes: Bytes): AddressKind {
  if (isIn(bytes, MAPPED)) return kindOfBytes(bytes.slice(12))
  if ([bytes, ...carried(bytes)].some((one) => isIn(one, REFUSED))) return 'refused'
  // Not what is carried: a translator may be anywhere, and what it reaches is not this network's.
  return isIn(bytes, PRIVATE) ? 'private' : 'public'
}

/** The IPv4 addresses that an IPv6 address may lead to. */
function carried(bytes: Bytes): Bytes[] {
  if (bytes.length !== 16) return []
  const inner = CARRIERS.filter(({ ranges }) => isIn(bytes, ranges)).map(({ at }) => at.map((i) => bytes[i] ?? 0))
  const last = bytes.slice(12)
  if (isIn(bytes, TEREDO)) inner.push(last.map((byte) => 255 - byte))
  // ISATAP, RFC 5214: in the second half, whatever the first is.
  const [universal = 0, ...rest] = bytes.slice(8, 12)
  if ((universal & 253) === 0 && rest.join() === '0,94,254') inner.push(last)
  return inner
}
