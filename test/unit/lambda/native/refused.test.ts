import { expect, it } from 'vitest'
import { isRefused } from '../../../../lambda/engines/native/refused.ts'

it.each([
  ['169.254.169.254', true],
  ['169.254.170.2', true],
  ['169.254.0.1', true],
  ['169.253.255.255', false],
  ['169.255.0.0', false],
  ['127.0.0.1', false],
  ['10.0.0.1', false],
  ['fe80::1', true],
  ['fe80::1%eth0', true],
  ['febf::1', true],
  ['fec0::1', false],
  ['fd00:ec2::254', true],
  ['fd00:ec2::253', false],
  ['::1', false],
  ['::ffff:169.254.169.254', true],
  ['::ffff:a9fe:a9fe', true],
  ['::ffff:10.0.0.1', false],
  ['64:ff9b::a9fe:a9fe', true],
  ['64:ff9b::a00:1', false],
  ['::a9fe:a9fe', true],
])('an address like %s is refused: %s', (address, expected) => expect(isRefused(address)).toBe(expected))
