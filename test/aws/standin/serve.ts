/** `node test/aws/standin/serve.ts`: the stand-in by itself, until ^C; prints the variables to export. */
import { prepare } from './prepare.ts'
import { startAws } from './start.ts'

prepare()
const aws = await startAws({ port: Number(process.argv[2] ?? 0) })
for (const [name, value] of Object.entries(aws.env)) console.log(`export ${name}=${value}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void aws.close().then(() => process.exit()))
