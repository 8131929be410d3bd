/** Addresses no load may go to: those that hand out a machine's credentials, and the rest of their link. */
import { BlockList, isIPv4 } from 'node:net'

const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
refused.addAddress('fd00:ec2::254', 'ipv6')
// The same IPv4 network in IPv6: as translators and old stacks write it. BlockList itself knows the mapped form.
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')
refused.addSubnet('::a9fe:0', 112, 'ipv6')

/** Whether an IP address is a cloud's metadata service or link-local. */
export function isRefused(address: string): boolean {
  if (isIPv4(address)) return refused.check(address, 'ipv4')
  return refused.check(address.split('%', 1)[0] as string, 'ipv6')
}
